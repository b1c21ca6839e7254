import { LambdaClient } from '@aws-sdk/client-lambda';
import { STSClient } from '@aws-sdk/client-sts';
import type * as z from 'zod';
import type { OPERATIONS, OperationAnswer, OperationName } from '../../lambdas/contract/operations.ts';
import { requestOperation } from '../../operate/request-operation.ts';
import { type DeploymentArguments, findDeployment } from './deployment.ts';

/** Has the function operate of a deployment do something. Throws a sentence when it does not. */
export const operate = <Name extends OperationName>(
  args: DeploymentArguments,
  name: Name,
  body: z.input<(typeof OPERATIONS)[Name]['body']>,
  parameters: Readonly<Record<string, string>> = {},
): Promise<OperationAnswer<Name>> => {
  const { client, functionName } = findDeployment(args, 'operate');
  const clients = { lambda: new LambdaClient(client), sts: new STSClient(client) };
  return requestOperation(clients, functionName, { name, body, parameters });
};
