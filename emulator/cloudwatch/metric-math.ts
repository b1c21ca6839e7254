/** A time series: values by the start of their period, in milliseconds. A period without a value has no entry. */
export type Series = ReadonlyMap<number, number>;
type Value = number | Series;

/**
 * What an operation has in a period in which only some of its operands have a value: no result, or 0 in the place of the
 * missing ones. CloudWatch's documents do not say which, and public sources disagree.
 */
export type MissingOperand = 'missing' | 'zero';

/** What an expression is computed from. */
interface Inputs {
  /** A metric or another expression of the alarm, by its id. Throws for an unknown id. */
  series(id: string): Value;
  /** The starts of all periods that are computed. */
  periods: readonly number[];
  /** Default: `missing`. */
  missingOperand?: MissingOperand;
}

/** A parsed expression. */
export type MathExpression = (inputs: Inputs) => Value;

const toNumber = (holds: boolean): number => (holds ? 1 : 0);

const OPERATORS: Record<string, { precedence: number; apply: (a: number, b: number) => number }> = {
  OR: { precedence: 1, apply: (a, b) => toNumber(a !== 0 || b !== 0) },
  AND: { precedence: 2, apply: (a, b) => toNumber(a !== 0 && b !== 0) },
  '==': { precedence: 3, apply: (a, b) => toNumber(a === b) },
  '!=': { precedence: 3, apply: (a, b) => toNumber(a !== b) },
  '<': { precedence: 4, apply: (a, b) => toNumber(a < b) },
  '<=': { precedence: 4, apply: (a, b) => toNumber(a <= b) },
  '>': { precedence: 4, apply: (a, b) => toNumber(a > b) },
  '>=': { precedence: 4, apply: (a, b) => toNumber(a >= b) },
  '+': { precedence: 5, apply: (a, b) => a + b },
  '-': { precedence: 5, apply: (a, b) => a - b },
  '*': { precedence: 6, apply: (a, b) => a * b },
  '/': { precedence: 6, apply: (a, b) => a / b },
};
const OPERATOR_ALIASES: Record<string, string> = { '&&': 'AND', '||': 'OR' };

const valueAt = (value: Value, period: number): number | undefined =>
  typeof value === 'number' ? value : value.get(period);

const isSeries = (value: Value): value is Series => typeof value !== 'number';

/** The periods in which there is a result: where every series has a value, or where any has. */
const periodsOf = (series: readonly Series[], { missingOperand = 'missing' }: Inputs): number[] => {
  if (missingOperand === 'zero') return [...new Set(series.flatMap((each) => [...each.keys()]))];
  const [first, ...others] = series;
  return [...(first?.keys() ?? [])].filter((period) => others.every((other) => other.has(period)));
};

/** Computes each period that has a result. A non-finite result is missing. */
const computePointwise = (
  operands: readonly Value[],
  inputs: Inputs,
  compute: (points: number[]) => number | undefined,
): Value => {
  const series = operands.filter(isSeries);
  if (series.length === 0) return compute(operands as number[]) ?? Number.NaN;
  const points = new Map<number, number>();
  for (const period of periodsOf(series, inputs)) {
    const value = compute(operands.map((operand) => valueAt(operand, period) ?? 0));
    if (value !== undefined && Number.isFinite(value)) points.set(period, value);
  }
  return points;
};

/** In each period only the branch that is taken needs a value, and the condition. */
const chooseBranch = ([condition = 0, whenTrue = 0, whenFalse = 0]: readonly Value[], inputs: Inputs): Value => {
  if (!isSeries(condition)) return condition !== 0 ? whenTrue : whenFalse;
  const isZero = inputs.missingOperand === 'zero';
  const periods = isZero ? periodsOf([condition, whenTrue, whenFalse].filter(isSeries), inputs) : condition.keys();
  const points = new Map<number, number>();
  for (const period of periods) {
    const branch = (condition.get(period) ?? 0) !== 0 ? whenTrue : whenFalse;
    const value = valueAt(branch, period) ?? (isZero ? 0 : undefined);
    if (value !== undefined && Number.isFinite(value)) points.set(period, value);
  }
  return points;
};

const fillMissing = (value: Value, filler: Value, periods: readonly number[]): Value => {
  if (typeof value === 'number') return value;
  return new Map(
    periods.flatMap((period) => {
      const filled = value.get(period) ?? valueAt(filler, period);
      return filled === undefined ? [] : [[period, filled] as const];
    }),
  );
};

type MathFunction = (values: Value[], inputs: Inputs) => Value;

const withArgumentCount =
  (name: string, count: number, compute: MathFunction): MathFunction =>
  (values, inputs) => {
    if (values.length !== count) throw new Error(`${name} takes ${count} arguments, not ${values.length}`);
    return compute(values, inputs);
  };
const argumentAt = (values: Value[], index: number): Value => values[index] ?? Number.NaN;

const FUNCTIONS: Record<string, MathFunction> = {
  IF: withArgumentCount('IF', 3, chooseBranch),
  FILL: withArgumentCount('FILL', 2, (values, { periods }) =>
    fillMissing(argumentAt(values, 0), argumentAt(values, 1), periods),
  ),
  MAX: (values, inputs) => computePointwise(values, inputs, (points) => Math.max(...points)),
  MIN: (values, inputs) => computePointwise(values, inputs, (points) => Math.min(...points)),
};

const TOKEN = /\s*(\d+(?:\.\d+)?(?:e[+-]?\d+)?|[A-Za-z_]\w*|&&|\|\||==|!=|<=|>=|[-+*/<>(),])/iy;

const tokensOf = (expression: string): string[] => {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < expression.trimEnd().length) {
    const from = TOKEN.lastIndex;
    const token = TOKEN.exec(expression)?.[1];
    if (token === undefined) throw new Error(`The emulator cannot read "${expression.slice(from)}"`);
    tokens.push(OPERATOR_ALIASES[token] ?? token);
  }
  return tokens;
};

/** Parses an expression of metric math. Throws, naming it, for a function that the emulator does not support. */
export const parseMath = (expression: string): MathExpression => {
  const tokens = tokensOf(expression);
  let next = 0;
  const unexpected = (expected: string) =>
    new Error(`"${expression}" needs ${expected} in place of ${tokens[next] ?? 'its end'}`);
  const skip = (token: string) => {
    if (tokens[next] !== token) throw unexpected(token);
    next += 1;
  };

  const parseArguments = (): MathExpression[] => {
    skip('(');
    const nodes = [parseBinary(0)];
    while (tokens[next] === ',') {
      next += 1;
      nodes.push(parseBinary(0));
    }
    skip(')');
    return nodes;
  };

  const parseCall = (name: string): MathExpression => {
    const compute = FUNCTIONS[name.toUpperCase()];
    if (!compute) throw new Error(`The emulator does not support the metric function ${name}`);
    const nodes = parseArguments();
    return (inputs) => {
      const values = nodes.map((node) => node(inputs));
      return compute(values, inputs);
    };
  };

  const parseOperand = (): MathExpression => {
    const token = tokens[next] ?? '';
    if (token === '(') return parseArguments()[0] as MathExpression;
    if (token !== '-' && !/^[\dA-Za-z_]/.test(token)) throw unexpected('a value');
    next += 1;
    if (token === '-') {
      const operand = parseOperand();
      return (inputs) => computePointwise([operand(inputs)], inputs, ([value = Number.NaN]) => -value);
    }
    if (/^\d/.test(token)) return () => Number(token);
    return tokens[next] === '(' ? parseCall(token) : (inputs) => inputs.series(token);
  };

  const parseBinary = (minPrecedence: number): MathExpression => {
    let left = parseOperand();
    for (;;) {
      const operator = OPERATORS[tokens[next]?.toUpperCase() ?? ''];
      if (!operator || operator.precedence <= minPrecedence) return left;
      next += 1;
      const [a, b] = [left, parseBinary(operator.precedence)];
      left = (inputs) =>
        computePointwise([a(inputs), b(inputs)], inputs, ([x = Number.NaN, y = Number.NaN]) => operator.apply(x, y));
    }
  };

  const whole = parseBinary(0);
  if (next < tokens.length) throw unexpected('an operator');
  return whole;
};
