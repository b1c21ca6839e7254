import { resolve, type TemplateScope, toList, toText } from './intrinsics.ts';

type ConditionFunction = (argument: unknown, scope: TemplateScope, path: string) => boolean;

const CONDITION_FUNCTIONS: Record<string, ConditionFunction> = {
  Condition: (name, scope) => scope.conditionHolds(toText(name, 'Condition')),
  'Fn::Equals': (argument, scope, path) => {
    const [left, right] = toList(resolve(argument, scope, path), 'Fn::Equals');
    return toText(left, 'Fn::Equals') === toText(right, 'Fn::Equals');
  },
  'Fn::And': (argument, scope, path) =>
    toList(argument, 'Fn::And').every((condition) => evaluateCondition(condition, scope, path)),
  'Fn::Or': (argument, scope, path) =>
    toList(argument, 'Fn::Or').some((condition) => evaluateCondition(condition, scope, path)),
  'Fn::Not': (argument, scope, path) =>
    !toList(argument, 'Fn::Not').every((condition) => evaluateCondition(condition, scope, path)),
};

/** Whether a condition of the template holds. Throws, naming it, for an unknown condition function. */
export const evaluateCondition: ConditionFunction = (condition, scope, path) => {
  const [[name, argument] = ['nothing', undefined], ...more] = Object.entries(condition ?? {});
  const evaluate = CONDITION_FUNCTIONS[name];
  if (!evaluate || more.length > 0) {
    throw new Error(`${path}: The emulator does not support the condition function ${name}`);
  }
  return evaluate(argument, scope, `${path}.${name}`);
};
