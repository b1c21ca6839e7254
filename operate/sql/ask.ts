import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts';
import { readErrorReport } from '../../lambdas/contract/error-report.ts';
import { parseAs } from '../../lambdas/contract/parse-as.ts';
import { parseJson } from '../../lambdas/contract/parse-json.ts';
import { type SqlAnswer, type SqlRequest, sqlAnswer } from '../../lambdas/contract/sql.ts';

interface Clients {
  lambda: LambdaClient;
  sts: STSClient;
}

const SIGN_IN = 'sign in to AWS as for the AWS CLI, or write --local for the npm start that runs on this machine';

/** What to do about an error of AWS, by its name and, where the SDK gives it none, by its message. */
const remedyOf = ({ name, message }: Error, functionName: string): string | undefined => {
  if (name === 'CredentialsProviderError' || message === 'Region is missing') return SIGN_IN;
  if (name === 'ResourceNotFoundException')
    return `deploy with the setting sql: true, in this account and region, or name the function with --function`;
  if (/AccessDenied|NotAuthorized/.test(name)) return `it takes the right lambda:InvokeFunction on ${functionName}`;
  if (name === 'TooManyRequestsException') return 'as many statements run already as may run at once; try again';
  return undefined;
};

const explain = (error: unknown, functionName: string): Error => {
  const known = error instanceof Error ? error : new Error(String(error));
  const remedy = remedyOf(known, functionName);
  return new Error(remedy ? `${known.message}: ${remedy}.` : known.message, { cause: error });
};

/** The ARN of whoever's credentials these are; undefined when AWS does not say. */
const findPrincipal = async ({ sts }: Clients): Promise<string | undefined> => {
  try {
    return (await sts.send(new GetCallerIdentityCommand({}))).Arn;
  } catch {
    return undefined; // the statement is answered all the same, and its line says that this is unknown
  }
};

/** Has the function answer a statement. Throws a sentence when the function cannot be invoked, or fails. */
export const askFunction = async (clients: Clients, functionName: string, request: SqlRequest): Promise<SqlAnswer> => {
  const principal = await findPrincipal(clients);
  const command = new InvokeCommand({
    FunctionName: functionName,
    Payload: JSON.stringify({ ...request, ...(principal !== undefined && { asked_by: principal }) }),
  });
  const { FunctionError, Payload } = await clients.lambda.send(command).catch((error: unknown) => {
    throw explain(error, functionName);
  });
  const payload = Buffer.from(Payload ?? []).toString();
  if (FunctionError) {
    throw new Error(`${functionName} failed (${readErrorReport(payload).errorType}); its log group has the reason.`);
  }
  return parseAs(sqlAnswer, parseJson(payload), `The answer of ${functionName}`);
};
