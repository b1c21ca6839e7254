import * as lambda from 'aws-cdk-lib/aws-lambda';

/** Adds a Function URL for requests signed with IAM, and returns it. A function that streams its answers says so. */
export const addFunctionUrl = (fn: lambda.Function, { isStreamed = false } = {}): string =>
  fn.addFunctionUrl({
    authType: lambda.FunctionUrlAuthType.AWS_IAM,
    ...(isStreamed && { invokeMode: lambda.InvokeMode.RESPONSE_STREAM }),
  }).url;

/** Adds a Function URL that anybody may send to, and returns it: the function verifies who sends. */
export const addOpenFunctionUrl = (fn: lambda.Function): string =>
  fn.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.NONE }).url;
