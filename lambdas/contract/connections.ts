/**
 * The connections of the flow, in the order in which they are checked. Every message about a broken one uses these
 * names.
 */
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
  'notifier → state',
  'topic → recipients',
  'ingest → retained payloads',
  'schedule → payloads',
  'payloads → retained payloads',
  'tool → api',
  'topic → notifier',
  'notifier → topic',
  'schedule → notifier',
  'schedule → drill',
  'drill → alarm',
  'drill → metrics',
  'drill → recipients',
  'drill → state',
  'schedule → refresh',
  'refresh → store',
  'schedule → retention',
  'retention → store',
  'schedule → completeness',
  'completeness → metrics',
  'completeness → api',
] as const;
export type Connection = (typeof CONNECTIONS)[number];

/** The one sentence that reports a connection that does not work. */
export const describeBrokenConnection = (connection: Connection, why: string): string =>
  `The connection ${connection} is broken: ${why.replace(/\.$/, '')}.`;
