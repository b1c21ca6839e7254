import type * as z from 'zod';
import { OPERATIONS, type OperationAnswer, type OperationName } from '../lambdas/contract/operations.ts';
import { askEndpoint } from './invoke/ask-endpoint.ts';
import type { Clients } from './invoke/invoke-function.ts';

interface OperationRequest<Name extends OperationName> {
  readonly name: Name;
  readonly body: z.input<(typeof OPERATIONS)[Name]['body']>;
  /** The values of the parameters in the path. */
  readonly parameters?: Readonly<Record<string, string>>;
}

const pathOf = (name: OperationName, parameters: Readonly<Record<string, string>>) => {
  const [method = '', path = ''] = name.split(' ');
  return {
    method: method as 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: path.replace(/:(\w+)/g, (_, parameter) => encodeURIComponent(parameters[parameter] ?? '')) as `/v1/${string}`,
  };
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
