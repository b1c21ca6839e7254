import type * as z from 'zod';
import { OPERATIONS, type OperationAnswer, type OperationName } from '../lambdas/contract/operations.ts';
import { replaceParameters, splitRequestName } from '../lambdas/contract/request-names.ts';
import { askEndpoint } from './invoke/ask-endpoint.ts';
import type { Clients } from './invoke/invoke-function.ts';

interface OperationRequest<Name extends OperationName> {
  readonly name: Name;
  readonly body: z.input<(typeof OPERATIONS)[Name]['body']>;
  /** The values of the parameters in the path. */
  readonly parameters?: Readonly<Record<string, string>>;
}

const pathOf = (name: OperationName, parameters: Readonly<Record<string, string>>) => {
  const [method, path] = splitRequestName(name);
  return { method, path: replaceParameters(path, (parameter) => encodeURIComponent(parameters[parameter] ?? '')) };
};

/**
 * Has the function operate do something. Throws a sentence when it cannot be invoked, refuses, or fails.
 */
export const requestOperation = async <Name extends OperationName>(
  clients: Clients,
  functionName: string,
  { name, body, parameters = {} }: OperationRequest<Name>,
): Promise<OperationAnswer<Name>> => {
  const schema: z.ZodType = OPERATIONS[name].answer;
  const answer = await askEndpoint(clients, functionName, { ...pathOf(name, parameters), body, answer: schema });
  return answer as OperationAnswer<Name>;
};
