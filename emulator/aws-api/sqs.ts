import * as z from 'zod';
import type { Sqs } from '../sqs/sqs.ts';
import { jsonResponse, operationOf, parseJsonBody, type ServiceApi } from './request.ts';

const purgeQueueInput = z.object({ QueueUrl: z.string() });

/** PurgeQueue. */
export const createSqsApi =
  (sqs: Sqs): ServiceApi =>
  (request, principal) => {
    if (operationOf(request, 'AmazonSQS') !== 'PurgeQueue') return undefined;
    sqs.purge(principal, purgeQueueInput.parse(parseJsonBody(request)).QueueUrl);
    return jsonResponse({});
  };
