import type * as z from 'zod';
import { askEndpoint, type EndpointRequest } from '../../operate/invoke/ask-endpoint.ts';
import { type DeploymentArguments, reachFunction } from './deployment.ts';

/** Asks a function of a deployment. Throws a sentence when it refuses, or cannot be reached. */
export type AskApi = <Answer extends z.ZodType>(request: EndpointRequest<Answer>) => Promise<z.output<Answer>>;

/** Asks the part of a deployment that answers the request: the api what is stored, operate what only AWS knows. */
export const askFunctionOf = (args: DeploymentArguments, part: 'api' | 'operate'): AskApi => {
  const { clients, functionName } = reachFunction(args, part);
  return (request) => askEndpoint(clients, functionName, request);
};

export const askApiOf = (args: DeploymentArguments): AskApi => askFunctionOf(args, 'api');
