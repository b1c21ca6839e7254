import { defineCommand } from 'citty';
import { MUTE_KINDS, type Mute, type MuteKind } from '../../lambdas/contract/mutes.ts';
import { formatTable } from '../table.ts';
import { DEPLOYMENT_OPTIONS } from './deployment.ts';
import { operate } from './operation.ts';

const MINUTES: Readonly<Record<string, number>> = { m: 1, h: 60, d: 24 * 60 };

/** `90m`, `1h` or `2d`, in minutes. Throws a sentence for anything else. */
const parseFor = (text: string): number => {
  const [, count, unit = ''] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  if (count === undefined) throw new Error(`--for expects a time such as 30m, 1h or 2d; got ${text}.`);
  return Number(count) * (MINUTES[unit] ?? 1);
};

const describeEnd = ({ ends_at }: Mute): string =>
  ends_at === null ? 'without end' : `until ${ends_at.slice(0, 16)}Z`;

const toRow = (mute: Mute): string[] => [
  mute.id,
  mute.status,
  `${mute.kind} ${mute.name}`,
  describeEnd(mute),
  `${mute.alarms_total} alarms`,
  `${mute.swallowed_total} not sent`,
  mute.actor ?? '-',
  mute.reason,
];

/** The mutes as a person reads them, with what each has swallowed. */
const printMutes = (mutes: readonly Mute[]): void => {
  if (mutes.length === 0) console.log('Nothing is muted.');
  else console.log(formatTable(mutes.map(toRow)));
  for (const { id, swallowed, firing } of mutes) {
    for (const { alarm, severity, at } of swallowed) console.log(`  ${id} did not send: ${severity} ${alarm}, ${at}`);
    if (firing.length > 0) console.log(`  ${id} fires now: ${firing.join(', ')}`);
  }
};

const isKind = (word: string): word is MuteKind => (MUTE_KINDS as readonly string[]).includes(word);

/** `toolwatch mute`. */
export const mute = defineCommand({
  meta: {
    name: 'toolwatch mute',
    description:
      'Mutes alarms for a while, lists mutes with what was not sent because of them, and ends them: ' +
      'toolwatch mute tool order_status --for 1h --reason "…", toolwatch mute list, toolwatch mute end ID. An error ' +
      'group is muted by toolwatch errors. Exit code: 0 when it is done, 2 when it is not.',
  },
  args: {
    what: {
      type: 'positional',
      required: true,
      description: `${MUTE_KINDS.join(', ')}: what NAME is; or list, or end`,
    },
    name: {
      type: 'positional',
      required: false,
      description: 'The name of the tool or provider; of alarms such as tool/*/slow; or the id of the mute to end',
    },
    for: { type: 'string', description: 'For how long: 30m, 1h, 2d, at most 15d', valueHint: 'TIME' },
    reason: { type: 'string', description: 'Why, in one line', valueHint: 'TEXT' },
    json: { type: 'boolean', description: 'Print JSON' },
    ...DEPLOYMENT_OPTIONS,
  },
  run: async ({ args }) => {
    const { what, name, for: time, reason, json } = args;
    const print = (mutes: readonly Mute[]) => (json ? console.log(JSON.stringify({ mutes })) : printMutes(mutes));
    if (what === 'list') return print((await operate(args, 'GET /v1/mutes', {})).mutes);
    if (name === undefined) throw new Error('Write what to mute or to end: toolwatch mute --help.');
    if (what === 'end') return print([await operate(args, 'DELETE /v1/mutes/:id', {}, { id: name })]);
    if (!isKind(what)) throw new Error(`${what} is none of ${MUTE_KINDS.join(', ')}, list or end.`);
    if (reason === undefined) throw new Error('Write --reason, so that others know why nothing is sent.');
    const minutes = time === undefined ? undefined : parseFor(time);
    return print([await operate(args, 'POST /v1/mutes', { kind: what, name, minutes, reason })]);
  },
});
