import { HttpError, RouteMatchingError } from '@aws-lambda-powertools/event-handler/http';
import type { RequestContext } from '@aws-lambda-powertools/event-handler/types';
import { ENDPOINTS } from '../../contract/endpoints.ts';
import { PROBLEM_TYPE, problemOf } from '../../contract/problem.ts';
import { WrongAnswerError } from '../../database/database.ts';
import { InvalidParametersError } from './query.ts';

/** What is asked for does not fit what is stored; the message says what to do instead. */
export class RefusedError extends HttpError {
  override readonly errorType = 'RefusedError';
  override readonly statusCode: 404 | 409 | 422;

  constructor(statusCode: 404 | 409 | 422, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}

/** An error answer. `parameters` are the names of those that must be written differently. */
export const answerProblem = (status: number, detail: string, parameters?: readonly string[]): Response =>
  Response.json(problemOf(status, detail, parameters), { status, headers: { 'content-type': PROBLEM_TYPE } });

/** SQLSTATE of an error that PostgreSQL reported, or another library's code; '' without one. */
const codeOf = (error: Error): string => {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : '';
};

/** SQLSTATE class 22: the statement was understood, and a value that it was given cannot be used. */
const isRefusedValue = (error: Error): boolean => /^22[0-9A-Z]{3}$/.test(codeOf(error));

/**
 * SQLSTATE classes 08, 28 (not admitted), 53 (out of resources), 55P03 and 57 (a lock or a statement's time): the store
 * does not answer now. Any other class says that the statement is wrong.
 */
const UNAVAILABLE = /^(08...|28...|53...|55P03|57...)$/;
const SQLSTATE = /^[0-9A-Z]{5}$/;

/** True for an error of this code. What else may keep the store from answering, on the way to it, has no end. */
const isOurs = (error: Error): boolean => {
  if ([TypeError, RangeError, ReferenceError, SyntaxError, WrongAnswerError].some((type) => error instanceof type))
    return true;
  const code = codeOf(error);
  return 'severity' in error && SQLSTATE.test(code) && !UNAVAILABLE.test(code);
};

/** The names of the parameters in the path and in the query string of a request. */
const parametersOf = ({ params, req }: RequestContext): string[] => [
  ...Object.keys(params),
  ...new URL(req.url).searchParams.keys(),
];

/** What a path that matches no endpoint because of its last part would name there. */
const parameterIn = (path: string): string =>
  Object.keys(ENDPOINTS).some((known) => known.endsWith('/:id') && path.startsWith(known.slice(0, -':id'.length)))
    ? 'id'
    : 'name';

const answerRefusedValue = (parameters: string[]): Response => {
  const which =
    parameters.length === 1 ? `Parameter ${parameters[0]}` : `One of the parameters ${parameters.join(', ')}`;
  return answerProblem(400, `${which}: the store cannot use this value. Write another.`, parameters);
};

/**
 * The answer to an error, by whose it is: the requester's (400 and more), our own (500), or that the store does not answer
 * (503). `onError` receives the last two.
 */
export const answerError = (error: Error, context: RequestContext, onError: (error: Error) => void): Response => {
  if (error instanceof InvalidParametersError) return answerProblem(400, error.message, error.parameters);
  if (error instanceof HttpError) return answerProblem(error.statusCode, error.message);
  if (error instanceof URIError || error instanceof RouteMatchingError)
    return answerProblem(400, 'The path holds no name: write it percent-encoded, for example %25 for %.', [
      parameterIn(new URL(context.req.url).pathname),
    ]);
  const parameters = parametersOf(context);
  if (isRefusedValue(error) && parameters.length > 0) return answerRefusedValue(parameters);
  onError(error);
  if (isOurs(error))
    return answerProblem(500, 'The request failed by an error of ours, which is in the log of the api function.');
  return answerProblem(503, 'The store does not answer. Try again in a minute; /health says more.');
};
