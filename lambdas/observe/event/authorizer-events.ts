import { readProperty, readText } from '../call/read-safely.ts';
import { failureOfInvalidAnswer } from './answer-failures.ts';
import type { EventShape } from './shape.ts';

/** The message of the error by which an authorizer answers 401 to the client. */
const UNAUTHORIZED = 'Unauthorized';

function isMade(decision: unknown, key: string): boolean {
  const part = readProperty(decision, key);
  return part !== undefined && part !== null;
}

/**
 * Lambda authorizers. Letting in and turning away are both answers, and neither has a status; without one of them API
 * Gateway answers 500.
 */
export const AUTHORIZER: EventShape = {
  sender: 'API Gateway, asking an authorizer',
  matches: (event) =>
    readText(event, 'type') !== undefined &&
    (readText(event, 'methodArn') ?? readText(event, 'routeArn')) !== undefined,
  describe: (event, { functionName }) => ({
    kind: 'http',
    name: functionName ?? 'authorizer',
    readArguments: () => event,
  }),
  failureIn: (answer) =>
    isMade(answer, 'policyDocument') || isMade(answer, 'isAuthorized')
      ? undefined
      : failureOfInvalidAnswer('The authorizer answered neither a policy nor isAuthorized'),
  failureOfThrown: (thrown) =>
    readProperty(thrown, 'message') === UNAUTHORIZED || thrown === UNAUTHORIZED
      ? {
          code: 'UNAUTHORIZED',
          fault: 'caller',
          type: 'unauthorized',
          message: 'The authorizer refused the caller',
          retryable: false,
        }
      : undefined,
};
