import { parseJson } from '../../contract/parse-json.ts';

/** How many alarms a message names. */
export const MAX_NAMED_ALARMS = 50;

/** What a notification says about its alarm, as far as it says it. */
export interface AlarmText {
  /** What has happened, in a sentence: the first line of the alarm's description. */
  readonly means: string | undefined;
  /** Who acts on it. */
  readonly owner: string | undefined;
  /** Where it says that its runbook is; not always an address. */
  readonly runbook: string | undefined;
  /** Why CloudWatch changed its state. */
  readonly reason: string | undefined;
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** The fields of a notification; none of what is no JSON object. */
export const fieldsOf = (notification: string): Readonly<Record<string, unknown>> => {
  const parsed = parseJson(notification);
  return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? { ...parsed } : {};
};

export const readAlarmText = (notification: string): AlarmText => {
  const { AlarmDescription, NewStateReason } = fieldsOf(notification);
  const [means, ...details] = (textOf(AlarmDescription) ?? '').split('\n').filter((line) => line.trim() !== '');
  const find = (pattern: RegExp) => details.map((line) => pattern.exec(line)?.[1]).find(Boolean);
  return {
    means,
    owner: find(/^Severity: \w+\. Owner: (.+)\.$/),
    runbook: find(/^Runbook: (\S+)$/),
    reason: textOf(NewStateReason),
  };
};
