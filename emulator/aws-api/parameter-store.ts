import * as z from 'zod';
import type { ParameterStore } from '../parameter-store.ts';
import { jsonResponse, operationOf, parseJsonBody, type ServiceApi } from './request.ts';

const getParameterInput = z.object({ Name: z.string() });

/** GetParameter. */
export const createParameterStoreApi =
  (parameters: ParameterStore): ServiceApi =>
  (request, principal) => {
    if (operationOf(request, 'AmazonSSM') !== 'GetParameter') return undefined;
    const { name, arn, value } = parameters.get(principal, getParameterInput.parse(parseJsonBody(request)).Name);
    return jsonResponse({ Parameter: { Name: name, ARN: arn, Type: 'SecureString', Value: value } });
  };
