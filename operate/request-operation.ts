import { randomUUID } from 'node:crypto';
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts';
import * as z from 'zod';
import { buildChangeRequest } from '../lambdas/contract/direct-request.ts';
import { readErrorReport } from '../lambdas/contract/error-report.ts';
import { OPERATIONS, type OperationAnswer, type OperationName } from '../lambdas/contract/operations.ts';
import { parseAs } from '../lambdas/contract/parse-as.ts';
import { parseJson } from '../lambdas/contract/parse-json.ts';
import { errorReport } from '../lambdas/contract/reports.ts';

export interface OperateClients {
  readonly lambda: LambdaClient;
  readonly sts: STSClient;
}

interface OperationRequest<Name extends OperationName> {
  readonly name: Name;
  readonly body: z.input<(typeof OPERATIONS)[Name]['body']>;
  /** The values of the parameters in the path. */
  readonly parameters?: Readonly<Record<string, string>>;
}

const httpAnswer = z.object({ statusCode: z.int(), body: z.string() });
const SIGN_IN = 'sign in to AWS as for the AWS CLI, or write --local for the npm start that runs on this machine';

/** What to do about an error of AWS, by its name and, where the SDK gives it none, by its message. */
const remedyOf = ({ name, message }: Error, functionName: string): string | undefined => {
  if (name === 'CredentialsProviderError' || message === 'Region is missing') return SIGN_IN;
  if (name === 'ResourceNotFoundException')
    return 'name the settings of a deployment in this account and region with --settings, or the function with --function';
  if (/AccessDenied|NotAuthorized/.test(name)) return `it takes the right lambda:InvokeFunction on ${functionName}`;
  return undefined;
};

const explain = (error: unknown, functionName: string): Error => {
  const known = error instanceof Error ? error : new Error(String(error));
  const remedy = remedyOf(known, functionName);
  return new Error(remedy ? `${known.message}: ${remedy}.` : known.message, { cause: error });
};

/** The ARN of whoever's credentials these are; undefined when AWS does not say, and then the audit does not either. */
const findPrincipal = async ({ sts }: OperateClients): Promise<string | undefined> => {
  try {
    return (await sts.send(new GetCallerIdentityCommand({}))).Arn;
  } catch {
    return undefined;
  }
};

const pathOf = (name: OperationName, parameters: Readonly<Record<string, string>>) => {
  const [method = '', path = ''] = name.split(' ');
  return { method, path: path.replace(/:(\w+)/g, (_, parameter) => encodeURIComponent(parameters[parameter] ?? '')) };
};

/**
 * Has the function operate do something. Throws a sentence when it cannot be invoked, refuses, or fails.
 */
export const requestOperation = async <Name extends OperationName>(
  clients: OperateClients,
  functionName: string,
  { name, body, parameters = {} }: OperationRequest<Name>,
): Promise<OperationAnswer<Name>> => {
  const { method, path } = pathOf(name, parameters);
  const actor = await findPrincipal(clients);
  const event = buildChangeRequest(method as 'POST' | 'PUT' | 'DELETE', path, {
    body,
    actor,
    correlationId: randomUUID(),
  });
  const command = new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(event) });
  const { FunctionError, Payload } = await clients.lambda.send(command).catch((error: unknown) => {
    throw explain(error, functionName);
  });
  const payload = Buffer.from(Payload ?? []).toString();
  if (FunctionError)
    throw new Error(`${functionName} failed (${readErrorReport(payload).errorType}); its log group has the reason.`);
  const subject = `The answer of ${functionName}`;
  const { statusCode, body: text } = parseAs(httpAnswer, parseJson(payload), subject);
  if (statusCode !== 200)
    throw new Error(
      errorReport.safeParse(parseJson(text)).data?.error.message ?? `${subject} has status ${statusCode}.`,
    );
  const schema: z.ZodType = OPERATIONS[name].answer;
  return parseAs(schema, parseJson(text), subject) as OperationAnswer<Name>;
};
