/** Alarms over all names, of which each contributor is about one name; with the condition that they report. */
const GROUPED = /^(?<group>tools|rules|hooks)\/(?<condition>[^/]+)\/(?<name>.+)$/;

/**
 * An alarm's name as people read it: of one contributor of an alarm over all tools, as if the tool had the alarm itself.
 * `tools/trickle/order_status` is `tool/order_status/trickle`, and `tools/trickle/webhook/orders` is
 * `webhook/orders/trickle`. `rules/critical/orders-fail` is `alert-rule/orders-fail/critical`, and
 * `hooks/refused/shop` is `hook/shop/refused`.
 */
export const nameAlarm = (alarm: string): string => {
  const { group, condition, name } = GROUPED.exec(alarm)?.groups ?? {};
  if (condition === undefined || name === undefined) return alarm;
  if (group === 'rules') return `alert-rule/${name}/${condition}`;
  if (group === 'hooks') return `hook/${name}/${condition}`;
  return `${name.includes('/') ? name : `tool/${name}`}/${condition}`;
};

/** What an alarm is about: the tool, provider, queue, probe or other name before its condition; or the alarm itself. */
export const causeOf = (alarm: string): string => {
  const [, subject] = /^((?!pipeline\/|drill\/|monitoring\/).+)\/[^/]+$/.exec(alarm) ?? [];
  return subject ?? alarm;
};

export const toolOf = (cause: string): string | undefined => /^tool\/([^/]+)$/.exec(cause)?.[1];
export const providerOf = (cause: string): string | undefined => /^provider\/(.+)$/.exec(cause)?.[1];

/** Whether an alarm, or what an incident is about, is a test. */
export const isDrill = (name: string): boolean => name.startsWith('drill/');

/**
 * Whether an alarm notifies nobody by itself: that a provider is degraded tells the notifier what alarms of several tools
 * have in common.
 */
export const isEvidence = (name: string): boolean => /^provider\/.+\/degraded$/.test(name);

/** The name of the alarm that fires while the notifier works. */
export const NOTIFIER_WORKS = 'pipeline/notifier-works';
