import { randomUUID } from 'node:crypto';
import { type IncidentFacts, incidentFactsReport } from '../../contract/incident-facts.ts';
import { queryApi } from '../../telemetry/query-api.ts';
import type { FactsQuestion } from './facts-question.ts';

/** Asks the api function what the store knows about an incident. Rejects when there is no answer. */
export const askStore = (question: FactsQuestion, signal: AbortSignal): Promise<IncidentFacts> =>
  queryApi({
    path: '/v1/incidents/facts',
    query: { ...question },
    answer: incidentFactsReport,
    correlationId: randomUUID(),
    tenant: undefined,
    signal,
  });
