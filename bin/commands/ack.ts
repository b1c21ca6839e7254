import { defineCommand } from 'citty';
import { type Incident, incidentReport } from '../../lambdas/contract/api/incidents.ts';
import { DAY_MS } from '../../lambdas/contract/durations.ts';
import { RequestRefused } from '../../operate/invoke/ask-endpoint.ts';
import { messageOf } from '../run-program.ts';
import { askApiOf } from './ask-api.ts';
import { SETTINGS_OPTIONS, type SettingsArguments, textOption } from './deployment.ts';
import { operate } from './operation.ts';

/** Answers that say that the request is wrong, and nothing of the incident. */
const REFUSALS: readonly number[] = [400, 401, 403];
/** For how long an incident may be unknown to the api: incidents reach the store by ingest, which may be down. */
const MAX_UNKNOWN_MS = DAY_MS;

/** Whether an incident began so long ago, as its id says, that the api would know it. */
const wouldBeKnown = (id: string): boolean => Date.now() - Date.parse(id.split('@').at(-1) ?? '') > MAX_UNKNOWN_MS;

/** The incident, as far as the api can read it. Throws a sentence when the api refuses the request, or must know of it. */
const findIncident = async (args: SettingsArguments, id: string): Promise<Incident | undefined> => {
  const path = `/v1/incidents/${encodeURIComponent(id)}` as const;
  try {
    return (await askApiOf(args)({ method: 'GET', path, answer: incidentReport })).incident;
  } catch (error) {
    if (error instanceof RequestRefused && REFUSALS.includes(error.status)) throw error;
    if (error instanceof RequestRefused && error.status === 404 && wouldBeKnown(id)) throw error;
    console.error(`Whether the incident is open is not known: ${messageOf(error)}`);
    return undefined;
  }
};

/** `toolwatch ack`. */
export const ack = defineCommand({
  meta: {
    name: 'toolwatch ack',
    description:
      'Says that you have seen an incident and work on it: toolwatch ack INCIDENT --note "…". Who did, when and the note ' +
      'are shown by toolwatch incidents and status, some seconds later. Exit code: 0 when it is done, 2 when it is not.',
  },
  args: {
    incident: {
      type: 'positional',
      required: true,
      description: 'The id of an incident, which toolwatch incidents lists',
    },
    note: textOption('What others should know, in one line', 'TEXT'),
    json: { type: 'boolean', description: 'Print JSON' },
    ...SETTINGS_OPTIONS,
  },
  run: async ({ args }) => {
    const { incident: id, note } = args;
    const endedAt = (await findIncident(args, id))?.ended_at ?? null;
    if (endedAt !== null) throw new Error(`${id} ended at ${endedAt}.`);
    const data = await operate(args, 'PUT /v1/incidents/:id/acknowledgement', { note }, { id });
    console.log(args.json ? JSON.stringify(data, null, 2) : `${id} is acknowledged by ${data.acknowledged_by}.`);
  },
});
