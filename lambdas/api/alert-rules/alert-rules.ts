import { MAX_RULES } from '../../contract/alert-rules/figures.ts';
import type {
  AlertRuleReport,
  AlertRulesReport,
  RuleFinding,
  RuleOutcome,
  StoredRule,
} from '../../contract/alert-rules/reports.ts';
import {
  type AlertRule,
  alertRuleChange,
  alertRuleSwitch,
  decidingText,
  ruleName,
} from '../../contract/alert-rules/rule.ts';
import { listQuery } from '../../contract/queries.ts';
import { parseBody } from '../changes/body.ts';
import type { ChangeHandler } from '../changes/change-handler.ts';
import { type Writer, writeStore } from '../changes/write-store.ts';
import { RefusedError } from '../request/errors.ts';
import { InvalidParametersError, parsePath, parseQuery } from '../request/query.ts';
import { type Reader, readFreshness, readStore } from '../request/reader.ts';
import type { RouteHandler } from '../route-handler.ts';
import { acceptanceOf } from './acceptance.ts';

/** A row of `api-alert-rules`. */
interface Row extends Omit<StoredRule['state'], 'outcome'> {
  name: string;
  rule: Omit<AlertRule, 'enabled'>;
  enabled: boolean;
  condition: string;
  is_shipped: boolean;
  changed_at: string;
  changed_by: string;
  outcome: RuleOutcome;
}

const toStoredRule = (row: Row): StoredRule => {
  const { name, rule, enabled, condition, is_shipped, changed_at, changed_by, ...state } = row;
  return { name, ...rule, enabled, condition, is_shipped, changed_at, changed_by, state };
};

const readRules = async (store: Pick<Reader, 'rows'>, name: string | null): Promise<StoredRule[]> =>
  (await store.rows<Row>('alert-rules', [name])).map(toStoredRule);

const noSuchRule = (name: string) =>
  new RefusedError(404, `There is no alert rule called ${name}; see /v1/alert-rules.`);

/** GET /v1/alert-rules */
export const getAlertRules: RouteHandler = async ({ database, operatorOnly }, context) => {
  parseQuery(listQuery, context.req);
  operatorOnly(context);
  const report: AlertRulesReport = await readStore(database, undefined, async (reader) => {
    const rules = await readRules(reader, null);
    const count = (outcome: RuleOutcome) => rules.filter(({ state }) => state.outcome === outcome).length;
    return {
      ...(await readFreshness(reader)),
      total: rules.length,
      holding: count('holds'),
      not_evaluated: count('not_evaluated'),
      rules,
    };
  });
  return Response.json(report);
};

/** GET /v1/alert-rules/{name} */
export const getAlertRule: RouteHandler = async ({ database, operatorOnly }, context) => {
  parseQuery(listQuery, context.req);
  operatorOnly(context);
  const name = parsePath(ruleName, 'name', context);
  const report: AlertRuleReport = await readStore(database, undefined, async (reader) => {
    const [rule] = await readRules(reader, name);
    if (!rule) throw noSuchRule(name);
    return {
      ...(await readFreshness(reader)),
      rule,
      findings: await reader.rows<RuleFinding>('alert-rule-findings', [name]),
    };
  });
  return Response.json(report);
};

const checkAcceptance = (rule: AlertRule, accepted: string | undefined): void => {
  if (accepted === undefined || accepted === acceptanceOf(rule)) return;
  const message =
    'Field accepted_backtest: it is of another rule. Write the `accept` of a backtest of exactly this one.';
  throw new InvalidParametersError(message, ['accepted_backtest']);
};

const checkChannels = ({ channels }: AlertRule, known: readonly string[]): void => {
  const unknown = channels.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  const which = known.length > 0 ? `the channels are ${known.join(', ')}` : 'the settings have no channels';
  throw new InvalidParametersError(`Field channels: there is no ${unknown.join(', ')}; ${which}.`, ['channels']);
};

const readOne = async (writer: Writer, name: string): Promise<StoredRule> => {
  const [rule] = await readRules(writer, name);
  if (!rule) throw noSuchRule(name);
  return rule;
};

/** What the audit says of a rule: what it was or is, without what its evaluations found. */
const withoutState = ({ state, ...rule }: StoredRule) => rule;

/** PUT /v1/alert-rules/{name} */
export const putAlertRule: ChangeHandler = async ({ editor, channelNames }, context, actor) => {
  const name = parsePath(ruleName, 'name', context);
  const { accepted_backtest, reason, ...rule } = parseBody(alertRuleChange, context.event.received);
  checkChannels(rule, channelNames);
  checkAcceptance(rule, accepted_backtest);
  const attempt = { ...actor, action: 'alert_rule.changed', target: name, reason };
  const changed = await writeStore(editor, attempt, async (writer) => {
    const rules = await readRules(writer, null);
    const before = rules.find((known) => known.name === name);
    if (!before && rules.length >= MAX_RULES) {
      throw new RefusedError(
        409,
        `There are ${MAX_RULES} alert rules already, which is the most there can be; remove one.`,
      );
    }
    const isAnother = before === undefined || decidingText(before) !== decidingText(rule);
    const isAccepted = accepted_backtest !== undefined;
    await writer.rows('put-alert-rule', [
      ...[name, JSON.stringify(rule), actor.actor],
      ...[isAnother || isAccepted, isAccepted || rule.bake_days === 0],
    ]);
    const after = await readOne(writer, name);
    return {
      answer: after,
      change: { before: before ? withoutState(before) : null, after: withoutState(after) },
    };
  });
  return Response.json({ rule: changed });
};

/** PUT /v1/alert-rules/{name}/enabled */
export const switchAlertRule: ChangeHandler = async ({ editor }, context, actor) => {
  const name = parsePath(ruleName, 'name', context);
  const { enabled, reason } = parseBody(alertRuleSwitch, context.event.received);
  const action = enabled ? 'alert_rule.enabled' : 'alert_rule.disabled';
  const changed = await writeStore(editor, { ...actor, action, target: name, reason }, async (writer) => {
    const before = await readOne(writer, name);
    if (before.enabled !== enabled) await writer.rows('switch-alert-rule', [name, enabled, actor.actor]);
    return { answer: await readOne(writer, name), change: { before: { enabled: before.enabled }, after: { enabled } } };
  });
  return Response.json({ rule: changed });
};

/** DELETE /v1/alert-rules/{name} */
export const removeAlertRule: ChangeHandler = async ({ editor }, context, actor) => {
  const name = parsePath(ruleName, 'name', context);
  await writeStore(editor, { ...actor, action: 'alert_rule.removed', target: name }, async (writer) => {
    const before = await readOne(writer, name);
    if (before.is_shipped) throw new RefusedError(409, `The rule ${name} ships with Toolwatch: switch it off instead.`);
    await writer.rows('remove-alert-rule', [name]);
    return { answer: undefined, change: { before: withoutState(before), after: null } };
  });
  return Response.json({ removed: name });
};
