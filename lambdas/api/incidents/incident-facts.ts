import type {
  Acknowledgement,
  CallFacts,
  CauseHistory,
  IncidentFacts,
  NewError,
  RuleFacts,
} from '../../contract/incident-facts.ts';
import { incidentFactsQuery } from '../../contract/queries.ts';
import { parseQuery } from '../request/query.ts';
import { readStore } from '../request/reader.ts';
import type { RouteHandler } from '../route-handler.ts';

/** What is known of a cause that was never an incident before. */
export const NO_HISTORY: CauseHistory = {
  seen_before: 0,
  last_began_at: null,
  last_state: null,
  last_duration_seconds: null,
  last_version_at_end: null,
  deployed_version: null,
  deployed_at: null,
};

/** The cause of an incident that is about an alert rule. */
const OF_RULE = /^alert-rule\/([^/]+)$/;

/** GET /v1/incidents/facts */
export const getIncidentFacts: RouteHandler = async ({ database, operatorOnly }, context) => {
  const query = parseQuery(incidentFactsQuery, context.req);
  operatorOnly(context);
  const { cause, incident, since, until, minutes, kind, names, fault, slow_ms, begins, traffic } = query;
  const ofCalls = [
    kind,
    names?.split(',') ?? null,
    since,
    until,
    minutes,
    fault ?? null,
    slow_ms ?? null,
    begins === 'found',
    traffic === 'on',
  ];
  const report: IncidentFacts = await readStore(database, undefined, async (reader) => {
    const calls = kind === undefined ? [] : await reader.rows<CallFacts>('incident-calls', ofCalls);
    const history = await reader.rows<CauseHistory>('incident-history', [cause, incident, calls[0]?.began_at ?? since]);
    const [, name] = OF_RULE.exec(cause) ?? [];
    const rules = name === undefined ? [] : await reader.rows<RuleFacts>('rule-facts', [name]);
    const new_errors =
      kind === undefined || names === undefined
        ? []
        : await reader.rows<NewError>('incident-new-errors', [kind, names.split(','), until]);
    const [acknowledged = null] = await reader.rows<Acknowledgement>('incident-acknowledged', [incident]);
    return {
      calls: calls[0] ?? null,
      history: history[0] ?? NO_HISTORY,
      new_errors,
      acknowledged,
      rule: rules[0] ?? null,
    };
  });
  return Response.json(report);
};
