import type * as z from 'zod';
import { askEndpoint, type EndpointRequest } from '../../operate/invoke/ask-endpoint.ts';
import { type DeploymentArguments, reachFunction } from './deployment.ts';

/** Asks the api of a deployment. Throws a sentence when it refuses, or cannot be reached. */
export type AskApi = <Answer extends z.ZodType>(request: EndpointRequest<Answer>) => Promise<z.output<Answer>>;

export const askApiOf = (args: DeploymentArguments): AskApi => {
  const { clients, functionName } = reachFunction(args, 'api');
  return (request) => askEndpoint(clients, functionName, request);
};
