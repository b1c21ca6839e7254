import { COMPARISONS, type Comparison, FIGURES, type FigureName } from '../../lambdas/contract/alert-rules/figures.ts';

/** The options by which a rule is written, by the fields of the rule. */
export interface RuleOptions {
  figure?: string | undefined;
  measure?: string | undefined;
  'slow-ms'?: string | undefined;
  above?: string | undefined;
  'at-least'?: string | undefined;
  below?: string | undefined;
  'at-most'?: string | undefined;
  window?: string | undefined;
  kind?: string | undefined;
  name?: string | undefined;
  tenant?: string | undefined;
  provider?: string | undefined;
  domain?: string | undefined;
  'error-group'?: string | undefined;
  each?: string | undefined;
  'min-calls'?: string | undefined;
  severity?: string | undefined;
  channels?: string | undefined;
  'bake-days'?: string | undefined;
  description?: string | undefined;
}

/** A rule as it is sent, before anybody has checked it. */
export type WrittenRule = Record<string, unknown> & { scope?: Record<string, unknown> };

const parseNumber = (option: string, text: string): number => {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new Error(`--${option} expects a number; got ${text}.`);
  return value;
};

const parseList = (text: string): string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean);

const comparisonIn = (options: RuleOptions): { comparison: Comparison; threshold: number } | undefined => {
  const given = COMPARISONS.flatMap((comparison) => {
    const option = comparison.replace('_', '-') as 'above' | 'at-least' | 'below' | 'at-most';
    const text = options[option];
    return text === undefined ? [] : [{ comparison, threshold: parseNumber(option, text) }];
  });
  if (given.length > 1) throw new Error('Write one of --above, --at-least, --below and --at-most.');
  return given[0];
};

const NUMBERS = { 'slow-ms': 'slow_ms', window: 'window_minutes', 'min-calls': 'min_calls', 'bake-days': 'bake_days' };
const TEXTS = ['figure', 'measure', 'severity', 'description'] as const;
const LISTS = ['each', 'channels'] as const;
const SCOPES = {
  kind: 'kind',
  name: 'name',
  tenant: 'tenant',
  provider: 'provider',
  domain: 'domain',
  'error-group': 'error_group',
};

/** The fields that the options state. */
const fieldsIn = (options: RuleOptions): WrittenRule => {
  const fields: WrittenRule = { ...comparisonIn(options) };
  for (const [option, field] of Object.entries(NUMBERS)) {
    const text = options[option as keyof typeof NUMBERS];
    if (text !== undefined) fields[field] = parseNumber(option, text);
  }
  for (const field of TEXTS) if (options[field] !== undefined) fields[field] = options[field];
  for (const field of LISTS) if (options[field] !== undefined) fields[field] = parseList(options[field]);
  const scope = Object.entries(SCOPES).flatMap(([option, field]) => {
    const text = options[option as keyof typeof SCOPES];
    return text === undefined ? [] : [[field, text]];
  });
  return scope.length > 0 ? { ...fields, scope: Object.fromEntries(scope) } : fields;
};

/** What another figure has no use for. */
const OF_FIGURES = ['measure', 'slow_ms', 'window_minutes', 'min_calls'] as const;

/**
 * The rule that the options make of the one there is, if any: what they do not state stays as it is. With another figure,
 * what belonged to the one before is gone.
 */
export const applyOptions = (before: WrittenRule | undefined, options: RuleOptions): WrittenRule => {
  const fields = fieldsIn(options);
  const isOther = fields.figure !== undefined && fields.figure !== before?.figure;
  const retained = Object.fromEntries(
    Object.entries(before ?? {}).filter(([field]) => !(isOther && (OF_FIGURES as readonly string[]).includes(field))),
  );
  return { ...retained, ...fields, ...(fields.scope && { scope: { ...before?.scope, ...fields.scope } }) };
};

/** The names of the figures, for a list of what may be written. */
export const FIGURE_LIST = (Object.keys(FIGURES) as FigureName[]).join(', ');
