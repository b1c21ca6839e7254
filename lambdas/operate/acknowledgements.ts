import { isIncidentId } from '../contract/api/incidents.ts';
import { RefusedRequest } from './errors.ts';
import type { OperationHandlers } from './operator.ts';

type AcknowledgementOperations = Pick<OperationHandlers, 'PUT /v1/incidents/:id/acknowledgement'>;

/** That somebody has seen an incident and works on it. The audit stores it, and incidents answer it from there. */
export const createAcknowledgementHandlers = (): AcknowledgementOperations => ({
  'PUT /v1/incidents/:id/acknowledgement': {
    describe: ({ parameters: { id = '-' }, body: { note } }) => ({
      target: id,
      ...(note !== undefined && { reason: note }),
    }),
    perform: async ({ parameters: { id = '' }, actor: { actor } }) => {
      if (isIncidentId(id)) return { incident_id: id, acknowledged_by: actor };
      throw new RefusedRequest(404, `${id} is the id of no incident; GET /v1/incidents lists them.`, ['id']);
    },
  },
});
