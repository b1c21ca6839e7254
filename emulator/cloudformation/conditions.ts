import { list, type Names, resolve, text } from './intrinsics.ts';

type Test = (argument: unknown, names: Names, at: string) => boolean;

const TESTS: Record<string, Test> = {
  Condition: (name, names) => names.holds(text(name, 'Condition')),
  'Fn::Equals': (argument, names, at) => {
    const [one, other] = list(resolve(argument, names, at), 'Fn::Equals');
    return text(one, 'Fn::Equals') === text(other, 'Fn::Equals');
  },
  'Fn::And': (argument, names, at) => list(argument, 'Fn::And').every((one) => conditionHolds(one, names, at)),
  'Fn::Or': (argument, names, at) => list(argument, 'Fn::Or').some((one) => conditionHolds(one, names, at)),
  'Fn::Not': (argument, names, at) => !list(argument, 'Fn::Not').every((one) => conditionHolds(one, names, at)),
};

/** Whether a condition of the template holds. Throws, by name, for a function that is no condition. */
export const conditionHolds: Test = (condition, names, at) => {
  const [[name, argument] = ['nothing', undefined], ...more] = Object.entries(condition ?? {});
  const test = TESTS[name];
  if (!test || more.length > 0) throw new Error(`${at}: The local run does not know the condition ${name}`);
  return test(argument, names, `${at}.${name}`);
};
