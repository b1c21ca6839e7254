import * as lambda from 'aws-cdk-lib/aws-lambda';

/** Adds a Function URL for requests signed with IAM, and returns it. */
export const addFunctionUrl = (fn: lambda.Function): string =>
  fn.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.AWS_IAM }).url;
