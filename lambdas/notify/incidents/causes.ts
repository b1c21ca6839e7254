/** What incidents need to know of a deployment. Serializable as JSON. */
export interface Topology {
  readonly tools: Readonly<
    Record<string, { readonly provider?: string | undefined; readonly asksApi?: boolean | undefined }>
  >;
}

/** Alarms over all names, of which each contributor is about one name; with the condition that they report. */
const GROUPED = /^tools\/(?<condition>[^/]+)\/(?<name>.+)$/;

/**
 * An alarm's name as people read it: of one contributor of an alarm over all tools, as if the tool had the alarm itself.
 * `tools/trickle/order_status` is `tool/order_status/trickle`, and `tools/trickle/webhook/orders` is
 * `webhook/orders/trickle`.
 */
export const nameAlarm = (alarm: string): string => {
  const { condition, name } = GROUPED.exec(alarm)?.groups ?? {};
  if (condition === undefined || name === undefined) return alarm;
  return `${name.includes('/') ? name : `tool/${name}`}/${condition}`;
};

/** Conditions of the fleet and of the pipeline that differ in severity only. */
const SAME: Readonly<Record<string, string>> = { 'fleet/very-many-errors': 'fleet/many-errors' };

/** What an alarm is about: the tool, provider, queue or probe in its name; of the pipeline and the fleet, itself. */
export const causeOf = (alarm: string): string => {
  if (/^(pipeline|fleet)\//.test(alarm)) return SAME[alarm] ?? alarm;
  return alarm.slice(0, alarm.lastIndexOf('/'));
};

/** Nothing reaches a tool while one of these lasts. */
const DOORS = ['pipeline/door-shut', 'pipeline/gateway-failing', 'pipeline/everybody-refused'];
const STORE = 'pipeline/store-down';
/** What fails by itself while the store does not answer. */
const NEEDS_STORE = new Set([
  'pipeline/api-failing',
  'pipeline/ingest-failing',
  'pipeline/ingest-behind',
  'pipeline/ingest-lagging',
  'pipeline/refresh-failing',
  'pipeline/refresh-silent',
  'pipeline/roll-ups-behind',
  'pipeline/retention-failing',
]);
/** While one of these lasts, nobody evaluates by the store, and what ends then has not been evaluated to be over. */
export const BLINDING = [STORE, 'pipeline/refresh-silent', 'pipeline/refresh-failing', 'pipeline/roll-ups-behind'];
const BY_STORE = /\/(trickle|burning-fast|burning-slowly|calls-vanished)$/;

/** Whether an alarm reports what refresh has evaluated by the store. */
export const isEvaluatedByRefresh = (alarm: string): boolean => BY_STORE.test(alarm);

/** Whether an alarm goes on for hours after what it reports. */
export const looksBack = (alarm: string): boolean => /\/burning-(fast|slowly)$/.test(alarm);

export const toolOf = (cause: string): string | undefined => /^tool\/([^/]+)$/.exec(cause)?.[1];
export const providerOf = (cause: string): string | undefined => /^provider\/(.+)$/.exec(cause)?.[1];

/** What else may bring about an alarm, broadest first; without its provider, which depends on other tools. */
export const broaderCauses = (alarm: string, { tools }: Topology): string[] => {
  const cause = causeOf(alarm);
  if (NEEDS_STORE.has(cause)) return [STORE];
  const tool = toolOf(cause);
  if (tool === undefined) return [];
  return [...DOORS, ...(tools[tool]?.asksApi ? [STORE, 'pipeline/api-failing'] : [])];
};

/** How many tools depend on a provider. */
export const dependentsOf = (provider: string, { tools }: Topology): string[] =>
  Object.keys(tools).filter((tool) => tools[tool]?.provider === provider);
