/** A time series: values by the start of their period, in milliseconds. What is missing is not there. */
export type Series = ReadonlyMap<number, number>;
type Value = number | Series;

/** What an expression is computed from. */
export interface Inputs {
  /** A metric or another expression of the alarm, by its id. Throws for an id nobody has. */
  series(id: string): Value;
  /** The starts of all periods looked at. */
  periods: readonly number[];
}

type Node = (inputs: Inputs) => Value;

const bool = (holds: boolean): number => (holds ? 1 : 0);

const OPERATORS: Record<string, { rank: number; apply: (a: number, b: number) => number }> = {
  OR: { rank: 1, apply: (a, b) => bool(a !== 0 || b !== 0) },
  AND: { rank: 2, apply: (a, b) => bool(a !== 0 && b !== 0) },
  '==': { rank: 3, apply: (a, b) => bool(a === b) },
  '!=': { rank: 3, apply: (a, b) => bool(a !== b) },
  '<': { rank: 4, apply: (a, b) => bool(a < b) },
  '<=': { rank: 4, apply: (a, b) => bool(a <= b) },
  '>': { rank: 4, apply: (a, b) => bool(a > b) },
  '>=': { rank: 4, apply: (a, b) => bool(a >= b) },
  '+': { rank: 5, apply: (a, b) => a + b },
  '-': { rank: 5, apply: (a, b) => a - b },
  '*': { rank: 6, apply: (a, b) => a * b },
  '/': { rank: 6, apply: (a, b) => a / b },
};
const SAME_OPERATOR: Record<string, string> = { '&&': 'AND', '||': 'OR' };

/** Point by point, where every series among the arguments has one. What is no finite number is missing. */
const pointwise = (arguments_: readonly Value[], compute: (points: number[]) => number | undefined): Value => {
  const [first, ...others] = arguments_.filter((one): one is Series => typeof one !== 'number');
  if (!first) return compute(arguments_ as number[]) ?? Number.NaN;
  const points = new Map<number, number>();
  for (const at of first.keys()) {
    if (!others.every((other) => other.has(at))) continue;
    const value = compute(arguments_.map((one) => (typeof one === 'number' ? one : (one.get(at) ?? Number.NaN))));
    if (value !== undefined && Number.isFinite(value)) points.set(at, value);
  }
  return points;
};

const at = (value: Value, period: number): number | undefined =>
  typeof value === 'number' ? value : value.get(period);

/** The branch that is not taken may be missing; the condition may not. */
const choose = (condition: Value, yes: Value, no: Value): Value => {
  if (typeof condition === 'number') return condition !== 0 ? yes : no;
  const points = new Map<number, number>();
  for (const [period, holds] of condition) {
    const value = at(holds !== 0 ? yes : no, period);
    if (value !== undefined && Number.isFinite(value)) points.set(period, value);
  }
  return points;
};

const fill = (value: Value, filler: Value, periods: readonly number[]): Value => {
  if (typeof value === 'number') return value;
  return new Map(
    periods.flatMap((period) => {
      const there = value.get(period) ?? at(filler, period);
      return there === undefined ? [] : [[period, there] as const];
    }),
  );
};

type Function = (values: Value[], inputs: Inputs) => Value;
const numbers =
  (name: string, count: number, compute: Function): Function =>
  (values, inputs) => {
    if (values.length !== count) throw new Error(`${name} takes ${count} arguments and got ${values.length}`);
    return compute(values, inputs);
  };
const pick = (values: Value[], index: number): Value => values[index] ?? Number.NaN;

const FUNCTIONS: Record<string, Function> = {
  IF: numbers('IF', 3, (values) => choose(pick(values, 0), pick(values, 1), pick(values, 2))),
  FILL: numbers('FILL', 2, (values, { periods }) => fill(pick(values, 0), pick(values, 1), periods)),
  MAX: (values) => pointwise(values, (points) => Math.max(...points)),
  MIN: (values) => pointwise(values, (points) => Math.min(...points)),
};

const TOKEN = /\s*(\d+(?:\.\d+)?(?:e[+-]?\d+)?|[A-Za-z_]\w*|&&|\|\||==|!=|<=|>=|[-+*/<>(),])/iy;

const tokensOf = (expression: string): string[] => {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < expression.trimEnd().length) {
    const from = TOKEN.lastIndex;
    const token = TOKEN.exec(expression)?.[1];
    if (token === undefined) throw new Error(`The local run cannot read "${expression.slice(from)}"`);
    tokens.push(SAME_OPERATOR[token] ?? token);
  }
  return tokens;
};

/** Reads an expression once. Throws, by name, for what it does not know. */
export const parseMath = (expression: string): Node => {
  const tokens = tokensOf(expression);
  let next = 0;
  const expect = (token: string) => {
    if (tokens[next] !== token)
      throw new Error(`"${expression}" wants ${token} where ${tokens[next] ?? 'it ends'} stands`);
    next += 1;
  };

  const argumentsOf = (): Node[] => {
    expect('(');
    const nodes = [binary(0)];
    while (tokens[next] === ',') {
      next += 1;
      nodes.push(binary(0));
    }
    expect(')');
    return nodes;
  };

  const operand = (): Node => {
    const token = tokens[next] ?? '';
    if (token === '(') return argumentsOf()[0] as Node;
    next += 1;
    if (token === '-') {
      const negated = operand();
      return (inputs) => pointwise([negated(inputs)], ([value = Number.NaN]) => -value);
    }
    if (/^\d/.test(token)) return () => Number(token);
    if (!/^[A-Za-z_]/.test(token)) throw new Error(`"${expression}" wants a value where ${token || 'it ends'} stands`);
    if (tokens[next] !== '(') return (inputs) => inputs.series(token);
    const call = FUNCTIONS[token.toUpperCase()];
    if (!call) throw new Error(`The local run does not know the metric function ${token}`);
    const nodes = argumentsOf();
    return (inputs) =>
      call(
        nodes.map((node) => node(inputs)),
        inputs,
      );
  };

  const binary = (least: number): Node => {
    let left = operand();
    for (;;) {
      const operator = OPERATORS[tokens[next]?.toUpperCase() ?? ''];
      if (!operator || operator.rank <= least) return left;
      next += 1;
      const [a, b] = [left, binary(operator.rank)];
      left = (inputs) => pointwise([a(inputs), b(inputs)], ([x = Number.NaN, y = Number.NaN]) => operator.apply(x, y));
    }
  };

  const whole = binary(0);
  if (next < tokens.length) throw new Error(`"${expression}" goes on after its end: ${tokens[next]}`);
  return whole;
};
