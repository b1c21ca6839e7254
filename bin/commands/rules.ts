import { readFileSync } from 'node:fs';
import { defineCommand } from 'citty';
import { TESTED_ALARMS } from '../../lambdas/contract/alert-rules/backtest.ts';
import { alertRuleReport, alertRulesReport, type StoredRule } from '../../lambdas/contract/alert-rules/reports.ts';
import { alertRuleShape } from '../../lambdas/contract/alert-rules/rule.ts';
import { CHANGES } from '../../lambdas/contract/changes.ts';
import { parseJson } from '../../lambdas/contract/parse-json.ts';
import { describeRule, listFindings, listFirings, listRules, summarize } from '../../operate/rules/format-rules.ts';
import { applyOptions, FIGURE_LIST, type RuleOptions, type WrittenRule } from '../../operate/rules/rule-options.ts';
import { formatTable } from '../table.ts';
import { type Printed, runAction } from './action.ts';
import { type AskApi, askApiOf } from './ask-api.ts';
import { DEPLOYMENT_OPTIONS, textOption } from './deployment.ts';

const PATH = '/v1/alert-rules';
const ACTIONS = ['list', 'show', 'set', 'remove', 'enable', 'disable', 'backtest'] as const;
type Action = (typeof ACTIONS)[number];

/** What an action is asked with. */
interface ActionRequest {
  ask: AskApi;
  rule: string | undefined;
  options: RuleOptions;
  file: string | undefined;
  reason: string | undefined;
  accept: string | undefined;
  days: string | undefined;
  alarm: string | undefined;
  errorRate: string | undefined;
  p95Ms: string | undefined;
}

const pathOf = (rule: string) => `${PATH}/${encodeURIComponent(rule)}` as const;

const nameIn = ({ rule }: ActionRequest, action: Action): string => {
  if (rule === undefined) throw new Error(`Write the name of a rule: toolwatch rules ${action} NAME.`);
  return rule;
};

/** A stored rule as it would be put. */
const toWritten = (stored: StoredRule): WrittenRule =>
  Object.fromEntries(Object.entries(stored).filter(([field]) => Object.hasOwn(alertRuleShape, field)));

const readRuleFile = (file: string): WrittenRule => {
  const rule = parseJson(readFileSync(file, 'utf8'));
  if (typeof rule === 'object' && rule !== null && !Array.isArray(rule)) return rule as WrittenRule;
  throw new Error(`${file} holds no rule: write a JSON object.`);
};

/** The rule that there is under a name, or in a file; undefined where there is none. */
const readBefore = async ({ ask, rule, file }: ActionRequest): Promise<WrittenRule | undefined> => {
  if (file !== undefined) return readRuleFile(file);
  if (rule === undefined) return undefined;
  const { rules } = await ask({ method: 'GET', path: PATH, answer: alertRulesReport });
  const stored = rules.find(({ name }) => name === rule);
  return stored && toWritten(stored);
};

const list = async ({ ask }: ActionRequest): Promise<Printed> => {
  const data = await ask({ method: 'GET', path: PATH, answer: alertRulesReport });
  return { data, text: data.rules.length > 0 ? formatTable(listRules(data.rules)) : 'There are no alert rules.' };
};

const show = async (asked: ActionRequest): Promise<Printed> => {
  const data = await asked.ask({ method: 'GET', path: pathOf(nameIn(asked, 'show')), answer: alertRuleReport });
  const tables = [
    describeRule(data.rule),
    ...(data.findings.length > 0 ? [listFindings(data.rule.figure, data.findings)] : []),
  ];
  return { data, text: tables.map(formatTable).join('\n\n') };
};

const changed = ({ rule }: { rule: StoredRule }): Printed => ({ data: rule, text: formatTable(describeRule(rule)) });

const set = async (asked: ActionRequest): Promise<Printed> => {
  const path = pathOf(nameIn(asked, 'set'));
  const { reason, accept } = asked;
  const body = {
    ...applyOptions(await readBefore(asked), asked.options),
    ...(reason !== undefined && { reason }),
    ...(accept !== undefined && { accepted_backtest: accept }),
  };
  return changed(await asked.ask({ method: 'PUT', path, body, answer: CHANGES['PUT /v1/alert-rules/:name'].answer }));
};

const turn =
  (enabled: boolean) =>
  async (asked: ActionRequest): Promise<Printed> => {
    const path = `${pathOf(nameIn(asked, enabled ? 'enable' : 'disable'))}/enabled` as const;
    const body = { enabled, ...(asked.reason !== undefined && { reason: asked.reason }) };
    const { answer } = CHANGES['PUT /v1/alert-rules/:name/enabled'];
    return changed(await asked.ask({ method: 'PUT', path, body, answer }));
  };

const remove = async (asked: ActionRequest): Promise<Printed> => {
  const { answer } = CHANGES['DELETE /v1/alert-rules/:name'];
  const data = await asked.ask({ method: 'DELETE', path: pathOf(nameIn(asked, 'remove')), answer });
  return { data, text: `Removed ${data.removed}.` };
};

/** `order_status/failing`, with the limit to try. */
const parseAlarm = (text: string, { errorRate, p95Ms }: ActionRequest) => {
  const [, tool, condition] = /^([^/]+)\/([^/]+)$/.exec(text) ?? [];
  if (!TESTED_ALARMS.some((known) => known === condition))
    throw new Error(
      `--alarm expects a tool and ${TESTED_ALARMS.join(' or ')}, such as order_status/failing; got ${text}.`,
    );
  const limits = { ...(errorRate && { error_rate: Number(errorRate) }), ...(p95Ms && { p95_ms: Number(p95Ms) }) };
  return { tool, condition, ...limits };
};

const backtest = async (asked: ActionRequest): Promise<Printed> => {
  const { answer } = CHANGES['POST /v1/alert-rules/backtest'];
  const subject =
    asked.alarm === undefined
      ? { rule: applyOptions(await readBefore(asked), asked.options) }
      : { alarm: parseAlarm(asked.alarm, asked) };
  const body = { ...subject, ...(asked.days !== undefined && { days: Number(asked.days) }) };
  const data = await asked.ask({ method: 'POST', path: `${PATH}/backtest`, body, answer });
  const figure = 'rule' in subject ? (subject.rule.figure as StoredRule['figure']) : 'error_rate_pct';
  const table = data.firings.length > 0 ? [formatTable(listFirings(figure, data))] : [];
  return { data, text: [...table, summarize(data)].join('\n\n') };
};

const RUN: Readonly<Record<Action, (asked: ActionRequest) => Promise<Printed>>> = {
  ...{ list, show, set, remove, backtest },
  enable: turn(true),
  disable: turn(false),
};

/** `toolwatch rules`. */
export const rules = defineCommand({
  meta: {
    name: 'toolwatch rules',
    description:
      'Lists, shows, sets, switches and removes alert rules, and says when one would have held (backtest). Exit code: 0 ' +
      'when it is done, 2 when it is refused or the deployment cannot be reached.',
  },
  args: {
    action: { type: 'positional', required: true, description: `One of ${ACTIONS.join(', ')}` },
    rule: { type: 'positional', required: false, description: 'The name of the rule' },
    file: textOption('The rule as JSON, instead of the one that there is', 'FILE'),
    figure: textOption(`What is compared: ${FIGURE_LIST}`, 'FIGURE'),
    above: textOption('Holds when the figure is above this', 'N'),
    'at-least': textOption('Holds when the figure is this or more', 'N'),
    below: textOption('Holds when the figure is below this', 'N'),
    'at-most': textOption('Holds when the figure is this or less', 'N'),
    measure: textOption('Of measure_sum and measure_average: which measure', 'NAME'),
    'slow-ms': textOption('Of slow_pct: from which duration on a call is slow', 'MS'),
    window: textOption('How far back calls are counted', 'MINUTES'),
    kind: textOption('The kind of the calls, such as webhook; tool by default', 'KIND'),
    name: textOption('Only calls under this name', 'NAME'),
    tenant: textOption("Only this tenant's calls", 'NAME'),
    provider: textOption('Only calls of this outside service', 'NAME'),
    domain: textOption('Only calls at the outside service of this domain', 'DOMAIN'),
    'error-group': textOption('Only failures with this fingerprint', 'FINGERPRINT'),
    each: textOption('Evaluate each separately: name, tenant, or both', 'LIST'),
    'min-calls': textOption('With fewer calls nothing is said', 'N'),
    severity: textOption('critical or warning', 'SEVERITY'),
    channels: textOption('Only these channels get its notices', 'LIST'),
    'bake-days': textOption('How many quiet days before it may be critical', 'N'),
    description: textOption('What it means that the rule holds', 'TEXT'),
    reason: textOption('Why it is changed, for the audit', 'TEXT'),
    accept: textOption('What a backtest of exactly this rule printed: it needs no bake period', 'TEXT'),
    alarm: textOption(
      'backtest: the alarm of a tool, such as order_status/failing, instead of a rule',
      'TOOL/CONDITION',
    ),
    'error-rate': textOption('backtest: the share of calls that may fail', 'SHARE'),
    'p95-ms': textOption('backtest: the 95th percentile above which the tool is slow', 'MS'),
    days: textOption('backtest: how far back, up to 90', 'DAYS'),
    json: { type: 'boolean', description: 'Print JSON' },
    ...DEPLOYMENT_OPTIONS,
  },
  run: async ({ args }) => {
    const { rule, file, reason, accept, days, alarm } = args;
    const limits = { errorRate: args['error-rate'], p95Ms: args['p95-ms'] };
    await runAction(args, RUN, {
      ask: askApiOf(args),
      rule,
      options: args,
      file,
      reason,
      accept,
      days,
      alarm,
      ...limits,
    });
  },
});
