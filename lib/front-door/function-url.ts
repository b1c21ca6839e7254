import * as lambda from 'aws-cdk-lib/aws-lambda';

/** The address of a function, for requests signed with IAM. */
export const addFunctionUrl = (fn: lambda.Function): string =>
  fn.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.AWS_IAM }).url;
