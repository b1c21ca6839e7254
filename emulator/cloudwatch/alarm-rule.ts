import type { AlarmState } from './alarm-state.ts';

/** A composite alarm's condition: whether it holds, by the states of other alarms, which are named by name or ARN. */
export type AlarmRule = (stateOf: (alarm: string) => AlarmState) => boolean;

const STATES: Record<string, AlarmState> = { ALARM: 'ALARM', OK: 'OK', INSUFFICIENT_DATA: 'INSUFFICIENT_DATA' };
const TOKEN = /\s*(AND|OR|NOT|TRUE|FALSE|ALARM|OK|INSUFFICIENT_DATA|"(?:[^"\\]|\\.)*"|[()])/y;

const tokensOf = (rule: string): string[] => {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < rule.trimEnd().length) {
    const from = TOKEN.lastIndex;
    const token = TOKEN.exec(rule)?.[1];
    if (!token) throw new Error(`The emulator cannot read the alarm rule from "${rule.slice(from)}"`);
    tokens.push(token);
  }
  return tokens;
};

/** Parses a composite alarm's rule, and lists the alarms it names. NOT binds closest, then AND, then OR. */
export const parseAlarmRule = (text: string): { rule: AlarmRule; alarms: string[] } => {
  const tokens = tokensOf(text);
  const alarms: string[] = [];
  let next = 0;
  const unexpected = (expected: string) =>
    new Error(`The alarm rule ${text} needs ${expected} in place of ${tokens[next] ?? 'its end'}`);
  const take = (expected?: string): string => {
    const token = tokens[next];
    if (token === undefined || (expected && token !== expected)) throw unexpected(expected ?? 'more');
    next += 1;
    return token;
  };
  const parseState = (): AlarmRule => {
    const state = STATES[tokens[next] ?? ''];
    if (!state) throw unexpected('a condition');
    next += 1;
    take('(');
    const alarm = take().slice(1, -1);
    take(')');
    alarms.push(alarm);
    return (stateOf) => stateOf(alarm) === state;
  };
  const parseOperand = (): AlarmRule => {
    const token = tokens[next];
    if (token === 'NOT') {
      next += 1;
      const operand = parseOperand();
      return (stateOf) => !operand(stateOf);
    }
    if (token === 'TRUE' || token === 'FALSE') {
      next += 1;
      return () => token === 'TRUE';
    }
    if (token !== '(') return parseState();
    next += 1;
    const inner = parseOr();
    take(')');
    return inner;
  };
  const parseOperands = (parse: () => AlarmRule, operator: 'AND' | 'OR'): AlarmRule[] => {
    const operands = [parse()];
    while (tokens[next] === operator) {
      next += 1;
      operands.push(parse());
    }
    return operands;
  };
  const parseAnd = (): AlarmRule => {
    const operands = parseOperands(parseOperand, 'AND');
    return (stateOf) => operands.every((holds) => holds(stateOf));
  };
  const parseOr = (): AlarmRule => {
    const operands = parseOperands(parseAnd, 'OR');
    return (stateOf) => operands.some((holds) => holds(stateOf));
  };
  const rule = parseOr();
  if (next < tokens.length) throw unexpected('AND or OR');
  return { rule, alarms };
};
