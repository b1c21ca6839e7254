/** The arrows of the flow, by the names that whoever finds one broken says, in the order in which they are looked at. */
export const ARROWS = [
  'deployment → migrate',
  'migrate → store',
  'client → gateway',
  'gateway → tool',
  'tool → log',
  'log → metrics',
  'log → ingest',
  'ingest → store',
  'api → store',
  'metrics → alarm',
  'alarm → topic',
  'topic → people',
  'ingest → kept payloads',
  'tool → api',
  'schedule → drill',
  'drill → alarm',
  'drill → metrics',
  'schedule → refresh',
  'refresh → store',
  'schedule → retention',
  'retention → store',
  'schedule → completeness',
  'completeness → metrics',
  'completeness → api',
] as const;
export type Arrow = (typeof ARROWS)[number];

/** The one sentence about an arrow that does not carry. */
export const brokenSentence = (arrow: Arrow, why: string): string =>
  `The arrow ${arrow} is broken: ${why.replace(/\.$/, '')}.`;
