import type * as z from 'zod';
import type { OPERATIONS, OperationAnswer, OperationName } from '../../lambdas/contract/operations.ts';
import { requestOperation } from '../../operate/request-operation.ts';
import { type DeploymentArguments, reachFunction } from './deployment.ts';

/** Has the function operate of a deployment do something. Throws a sentence when it does not. */
export const operate = <Name extends OperationName>(
  args: DeploymentArguments,
  name: Name,
  body: z.input<(typeof OPERATIONS)[Name]['body']>,
  parameters: Readonly<Record<string, string>> = {},
): Promise<OperationAnswer<Name>> => {
  const { clients, functionName } = reachFunction(args, 'operate');
  return requestOperation(clients, functionName, { name, body, parameters });
};
