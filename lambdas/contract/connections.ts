/** The arrows of the flow, by the names that whoever finds one broken says, in the order in which they are looked at. */
export const CONNECTIONS = [
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
export type Connection = (typeof CONNECTIONS)[number];

/** The one sentence about an arrow that does not carry. */
export const describeBrokenConnection = (connection: Connection, why: string): string =>
  `The connection ${connection} is broken: ${why.replace(/\.$/, '')}.`;
