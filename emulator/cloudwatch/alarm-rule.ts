import type { AlarmState } from './alarm-state.ts';

/** True or false by the states of other alarms; asked by name or ARN. */
export type AlarmRule = (stateOf: (alarm: string) => AlarmState) => boolean;

const STATES: Record<string, AlarmState> = { ALARM: 'ALARM', OK: 'OK', INSUFFICIENT_DATA: 'INSUFFICIENT_DATA' };
const TOKEN = /\s*(AND|OR|NOT|TRUE|FALSE|ALARM|OK|INSUFFICIENT_DATA|"(?:[^"\\]|\\.)*"|[()])/y;

const tokensOf = (rule: string): string[] => {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < rule.trimEnd().length) {
    const from = TOKEN.lastIndex;
    const token = TOKEN.exec(rule)?.[1];
    if (!token) throw new Error(`The local run cannot read the alarm rule from "${rule.slice(from)}"`);
    tokens.push(token);
  }
  return tokens;
};

/** Reads a composite alarm's rule, and whom it asks. NOT binds closest, then AND, then OR. */
export const parseAlarmRule = (text: string): { rule: AlarmRule; alarms: string[] } => {
  const tokens = tokensOf(text);
  const alarms: string[] = [];
  let next = 0;
  const take = (expected?: string): string => {
    const token = tokens[next];
    if (token === undefined || (expected && token !== expected)) {
      throw new Error(`The alarm rule ${text} wants ${expected ?? 'more'} where ${token ?? 'it ends'} stands`);
    }
    next += 1;
    return token;
  };
  const one = (): AlarmRule => {
    const token = take();
    if (token === 'NOT') {
      const negated = one();
      return (stateOf) => !negated(stateOf);
    }
    if (token === 'TRUE' || token === 'FALSE') return () => token === 'TRUE';
    if (token === '(') {
      const inner = any();
      take(')');
      return inner;
    }
    const state = STATES[token];
    if (!state) throw new Error(`The alarm rule ${text} cannot go on with ${token}`);
    take('(');
    const alarm = take().slice(1, -1);
    take(')');
    alarms.push(alarm);
    return (stateOf) => stateOf(alarm) === state;
  };
  const chain = (part: () => AlarmRule, word: 'AND' | 'OR'): AlarmRule => {
    const parts = [part()];
    while (tokens[next] === word) {
      next += 1;
      parts.push(part());
    }
    return (stateOf) =>
      word === 'AND' ? parts.every((holds) => holds(stateOf)) : parts.some((holds) => holds(stateOf));
  };
  const all = (): AlarmRule => chain(one, 'AND');
  const any = (): AlarmRule => chain(all, 'OR');
  const rule = any();
  if (next < tokens.length) throw new Error(`The alarm rule ${text} goes on after its end: ${tokens[next]}`);
  return { rule, alarms };
};
