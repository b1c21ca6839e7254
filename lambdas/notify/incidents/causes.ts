import { causeOf, toolOf } from '../../contract/alarms/alarm-name.ts';
import { isOfAllTools } from '../../contract/runbook.ts';

/** What incidents need to know of a deployment. Serializable as JSON. */
export interface Topology {
  /** The length of the windows of its alarms, in milliseconds. */
  readonly windowMs: number;
  readonly tools: Readonly<
    Record<string, { readonly provider?: string | undefined; readonly asksApi?: boolean | undefined }>
  >;
}

/** Nothing reaches a tool while one of these lasts. */
const DOORS = ['pipeline/door-shut', 'pipeline/gateway-failing', 'pipeline/everybody-refused'];
export const STORE = 'pipeline/store-down';
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
  'pipeline/archive-failing',
  'pipeline/report-failed',
]);
/** While one of these lasts, refresh evaluates nothing, and an alarm on its verdicts that ends then proves nothing. */
export const BLINDING = [STORE, 'pipeline/refresh-silent', 'pipeline/refresh-failing', 'pipeline/roll-ups-behind'];
/** Whether an alarm reports what refresh has evaluated from the store. */
export const isEvaluatedByRefresh = (alarm: string): boolean => isOfAllTools(alarm) || alarm.startsWith('alert-rule/');

/** Whether an alarm goes on for hours after what it reports. */
export const looksBack = (alarm: string): boolean => /\/burning-(fast|slowly)$/.test(alarm);

/** What else may bring about an alarm, broadest first; without its provider, which depends on other tools. */
export const broaderCauses = (alarm: string, { tools }: Topology): string[] => {
  const cause = causeOf(alarm);
  if (NEEDS_STORE.has(cause)) return [STORE];
  const tool = toolOf(cause);
  if (tool === undefined) return [];
  return [...DOORS, ...(tools[tool]?.asksApi ? [STORE, 'pipeline/api-failing'] : [])];
};
