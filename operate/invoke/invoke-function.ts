import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts';
import { readErrorReport } from '../../lambdas/contract/error-report.ts';

/** Clients of AWS with the credentials of whoever asks. */
export interface Clients {
  lambda: LambdaClient;
  sts: STSClient;
}

/** A function, and what is said when it cannot be invoked. */
export interface InvokedFunction {
  functionName: string;
  /** What to do when there is no such function. */
  missing: string;
  /** What it means that it runs as often at once as it may. */
  busy: string;
}

const SIGN_IN = 'sign in to AWS as for the AWS CLI, or write --local for the npm start that runs on this machine';

/** What to do about an error of AWS, by its name and, where the SDK gives it none, by its message. */
const remedyOf = ({ name, message }: Error, { functionName, missing, busy }: InvokedFunction): string | undefined => {
  if (name === 'CredentialsProviderError' || message === 'Region is missing') return SIGN_IN;
  if (name === 'ResourceNotFoundException') return missing;
  if (/AccessDenied|NotAuthorized/.test(name)) return `it takes the right lambda:InvokeFunction on ${functionName}`;
  if (name === 'TooManyRequestsException') return busy;
  return undefined;
};

const explain = (error: unknown, invoked: InvokedFunction): Error => {
  const known = error instanceof Error ? error : new Error(String(error));
  const remedy = remedyOf(known, invoked);
  return new Error(remedy ? `${known.message}: ${remedy}.` : known.message, { cause: error });
};

/** The ARN of whoever's credentials these are; undefined when AWS does not say. */
export const findPrincipal = async ({ sts }: Clients): Promise<string | undefined> => {
  try {
    return (await sts.send(new GetCallerIdentityCommand({}))).Arn;
  } catch {
    return undefined; // the request is answered all the same, and is recorded as of somebody unknown
  }
};

/** What tells a function from others of its name: its account and region, as far as AWS says so. */
export const identifyFunction = async (clients: Clients, functionName: string): Promise<string> => {
  const account = (await findPrincipal(clients))?.split(':')[4] ?? 'an unknown account';
  // Where none is known, invoking it says what to do.
  const region = await clients.lambda.config.region().catch(() => 'an unknown region');
  return `${functionName} of ${account} in ${region}`;
};

/** What a function answers. Throws a sentence when it cannot be invoked, or fails. */
export const invokeFunction = async ({ lambda }: Clients, invoked: InvokedFunction, event: object): Promise<string> => {
  const { functionName } = invoked;
  const command = new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(event) });
  const { FunctionError, Payload } = await lambda.send(command).catch((error: unknown) => {
    throw explain(error, invoked);
  });
  const payload = Buffer.from(Payload ?? []).toString();
  if (FunctionError) {
    throw new Error(`${functionName} failed (${readErrorReport(payload).errorType}); its log group has the reason.`);
  }
  return payload;
};
