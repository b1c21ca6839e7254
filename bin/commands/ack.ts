import { defineCommand } from 'citty';
import { incidentReport } from '../../lambdas/contract/api/incidents.ts';
import { askApiOf } from './ask-api.ts';
import { SETTINGS_OPTIONS, type SettingsArguments, textOption } from './deployment.ts';
import { operate } from './operation.ts';

/** Throws a sentence when there is no such incident, or it is over. */
const findOpen = async (args: SettingsArguments, id: string): Promise<void> => {
  const path = `/v1/incidents/${encodeURIComponent(id)}` as const;
  const { incident } = await askApiOf(args)({ method: 'GET', path, answer: incidentReport });
  if (incident.ended_at !== null) throw new Error(`${id} ended at ${incident.ended_at}.`);
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
    await findOpen(args, id);
    const data = await operate(args, 'PUT /v1/incidents/:id/acknowledgement', { note }, { id });
    console.log(args.json ? JSON.stringify(data, null, 2) : `${id} is acknowledged by ${data.acknowledged_by}.`);
  },
});
