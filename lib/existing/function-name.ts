import { Token } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { InvalidSettings } from '../settings.ts';

/** The function itself, of which this may be an alias or a version. */
export const unqualified = (fn: lambda.IFunction): lambda.IFunction =>
  'lambda' in fn && fn.lambda ? unqualified(fn.lambda as lambda.IFunction) : fn;

/** What the CDK's imports accept as a name: also an ARN, the part of one, or a name with a version or an alias. */
const NAME = /^(?:(?:arn:[^:]+:lambda:[^:]*:)?(?:\d{12}:)?function:|\d{12}:)?([A-Za-z0-9_-]{1,64})(?::[\w$-]+)?$/;

/**
 * The name under which Lambda writes a function's metrics: that of the function, whichever version or alias of it is
 * called. Throws `InvalidSettings` when Lambda would not accept it.
 */
export function metricNameOf(tool: string, fn: lambda.IFunction): string {
  const { functionName } = unqualified(fn);
  if (Token.isUnresolved(functionName)) return functionName;
  const [, name] = NAME.exec(functionName) ?? [];
  if (name === undefined) {
    throw new InvalidSettings(
      `The tool ${tool}: ${functionName} is not the name of a function; write at most 64 letters, digits, _ and -.`,
    );
  }
  return name;
}
