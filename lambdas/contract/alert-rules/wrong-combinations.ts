import {
  COUNTING_SOURCES,
  DEFAULT_WINDOW,
  FIGURES,
  FIGURES_OF_ERROR_GROUPS,
  FIGURES_OF_OUTSIDE_SERVICES,
  type FigureName,
  HOURLY_WINDOW,
  MAX_WINDOW_OF_CALLS,
  SOURCES_OF_CALLS,
  SOURCES_WITH_WINDOW,
  type Source,
} from './figures.ts';

/** Those fields of a rule that must fit each other. */
interface Fields {
  figure: FigureName;
  measure?: string | undefined;
  slow_ms?: number | undefined;
  window_minutes?: number | undefined;
  scope: {
    kind?: string | undefined;
    name?: string | undefined;
    tenant?: string | undefined;
    provider?: string | undefined;
    domain?: string | undefined;
    error_group?: string | undefined;
  };
  each: readonly string[];
  min_calls: number;
}

interface WrongField {
  /** The path of the field to write differently. */
  field: string[];
  message: string;
}

/** Where the figure of a rule comes from. */
export const sourceOf = ({ figure, scope }: Pick<Fields, 'figure' | 'scope'>): Source => {
  const { source } = FIGURES[figure];
  if (source !== 'calls') return source;
  if (scope.error_group !== undefined) return 'error_groups';
  if (scope.domain !== undefined) return 'domains';
  return scope.provider === undefined ? 'calls' : 'providers';
};

/** True when the cells that a rule adds up are of five minutes: those over all tenants are, for windows of three hours. */
const isByFiveMinutes = (rule: Pick<Fields, 'figure' | 'scope' | 'each' | 'window_minutes'>): boolean =>
  sourceOf(rule) === 'calls' &&
  rule.scope.tenant === undefined &&
  !rule.each.includes('tenant') &&
  (rule.window_minutes ?? DEFAULT_WINDOW) <= 180;

function* wrongInFigure({ figure, measure, slow_ms, min_calls }: Fields): Generator<WrongField> {
  const takesMeasure = FIGURES[figure].source === 'measures';
  if (takesMeasure && measure === undefined)
    yield { field: ['measure'], message: `the figure ${figure} takes the name of a measure` };
  if (!takesMeasure && measure !== undefined)
    yield { field: ['measure'], message: `the figure ${figure} is of no measure; leave it out` };
  if (figure === 'slow_pct' && slow_ms === undefined)
    yield { field: ['slow_ms'], message: 'the figure slow_pct takes the duration from which on a call is slow' };
  if (figure !== 'slow_pct' && slow_ms !== undefined)
    yield { field: ['slow_ms'], message: `the figure ${figure} takes no slow_ms; leave it out` };
  if (min_calls > 0 && !COUNTING_SOURCES.includes(FIGURES[figure].source))
    yield { field: ['min_calls'], message: `the figure ${figure} counts no calls; leave it out` };
}

function* wrongInWindow(rule: Fields): Generator<WrongField> {
  const { figure, window_minutes: minutes } = rule;
  if (minutes === undefined) return;
  if (!SOURCES_WITH_WINDOW.includes(sourceOf(rule)))
    yield { field: ['window_minutes'], message: `the figure ${figure} is of now and has no window; leave it out` };
  else if (SOURCES_OF_CALLS.includes(sourceOf(rule))) {
    if (minutes > MAX_WINDOW_OF_CALLS)
      yield {
        field: ['window_minutes'],
        message: `write at most ${MAX_WINDOW_OF_CALLS}: users and domains have no roll-up, so calls are read`,
      };
  } else if (minutes < HOURLY_WINDOW && !isByFiveMinutes(rule))
    yield {
      field: ['window_minutes'],
      message: `write at least ${HOURLY_WINDOW}: tenants, providers, error groups and measures are counted by the hour`,
    };
}

/** Each source with the only figures and scopes that it has. */
const SCOPES: Readonly<Record<Source, readonly string[]>> = {
  calls: ['kind', 'name', 'tenant'],
  providers: ['provider', 'tenant'],
  domains: ['kind', 'name', 'tenant', 'domain'],
  error_groups: ['kind', 'name', 'tenant', 'error_group'],
  measures: ['kind', 'name', 'tenant'],
  users: ['kind', 'name', 'tenant', 'domain'],
  last_calls: ['kind', 'name', 'tenant'],
  rate_limits: ['name', 'tenant'],
};

/** The sources that have only these of the figures of calls. */
const LIMITED: Readonly<Partial<Record<Source, { what: string; figures: readonly FigureName[] }>>> = {
  providers: { what: 'a provider', figures: FIGURES_OF_OUTSIDE_SERVICES },
  domains: { what: 'a domain', figures: [...FIGURES_OF_OUTSIDE_SERVICES, 'users'] },
  error_groups: { what: 'an error group', figures: FIGURES_OF_ERROR_GROUPS },
};

function* wrongInScope(rule: Fields): Generator<WrongField> {
  const { figure, scope, each } = rule;
  const source = sourceOf(rule);
  for (const [field, value] of Object.entries(scope))
    if (value !== undefined && !SCOPES[source].includes(field)) {
      const about = source === 'calls' || source === FIGURES[figure].source ? `the figure ${figure}` : `this scope`;
      yield { field: ['scope', field], message: `${about} is not counted by ${field}; leave it out` };
    }
  const limited = LIMITED[source];
  if (limited && !limited.figures.includes(figure))
    yield {
      field: ['figure'],
      message: `of ${limited.what} there is ${limited.figures.join(', ')}; write one of these`,
    };
  if (each.includes('name') && (scope.name !== undefined || source === 'providers'))
    yield { field: ['each'], message: 'the scope has one name already; leave name out' };
  if (each.includes('tenant') && scope.tenant !== undefined)
    yield { field: ['each'], message: 'the scope has one tenant already; leave tenant out' };
}

/** What cannot be true of one rule at once, as sentences with the field to write differently. */
export const findWrongCombinations = (rule: Fields): WrongField[] => [
  ...wrongInFigure(rule),
  ...wrongInWindow(rule),
  ...wrongInScope(rule),
];
