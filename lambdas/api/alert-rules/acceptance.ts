import { createHash } from 'node:crypto';
import { type AlertRule, decidingText } from '../../contract/alert-rules/rule.ts';

/** What a backtest answers for the rule to be accepted: another for each rule that holds at other times. */
export const acceptanceOf = (rule: AlertRule): string =>
  createHash('sha256').update(decidingText(rule)).digest('hex').slice(0, 32);
