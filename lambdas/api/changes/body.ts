import { RequestEntityTooLargeError } from '@aws-lambda-powertools/event-handler/http';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type * as z from 'zod';
import { readJsonBody } from '../../front-door/read-json-body.ts';
import { InvalidParametersError } from '../request/query.ts';

/** The validated body of a request. Throws an HTTP error that names each field and what to write. */
export const parseBody = <Schema extends z.ZodType>(
  schema: Schema,
  event: APIGatewayProxyEventV2,
): z.output<Schema> => {
  const read = readJsonBody(schema, event);
  if ('data' in read) return read.data;
  const { status, message, parameters } = read.refused;
  throw status === 413 ? new RequestEntityTooLargeError(message) : new InvalidParametersError(message, parameters);
};
