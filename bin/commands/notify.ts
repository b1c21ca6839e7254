import { defineCommand } from 'citty';
import { OPERATIONS } from '../../lambdas/contract/operations.ts';
import { parseAs } from '../../lambdas/contract/parse-as.ts';
import { DEPLOYMENT_OPTIONS } from './deployment.ts';
import { operate } from './operation.ts';

const NAME = 'POST /v1/notify';

/** All values of an option that may be written several times, of which citty gives the last one only. */
const valuesOf = (option: string, rawArgs: readonly string[]): string[] =>
  rawArgs.flatMap((argument, at) => {
    if (argument === `--${option}`) return rawArgs[at + 1] ?? [];
    return argument.startsWith(`--${option}=`) ? argument.slice(option.length + 3) : [];
  });

/** `Runbook=https://…`, or an address alone, whose title is then its host. */
const toLink = (text: string) => {
  const [, title, url] = /^([^=]+)=(https:.+)$/s.exec(text) ?? [];
  return { title: title ?? URL.parse(text)?.host ?? text, url: url ?? text };
};

/** `toolwatch notify`. */
export const notify = defineCommand({
  meta: {
    name: 'toolwatch notify',
    description:
      'Notifies people of something: by e-mail and pager by its severity, and in channels. Exit code: 0 when the notifier ' +
      'has it, 2 when the arguments are wrong or the deployment cannot be reached.',
  },
  args: {
    title: { type: 'positional', required: true, description: 'What has happened, in one line' },
    severity: {
      type: 'enum',
      options: ['critical', 'warning', 'info'],
      default: 'warning',
      description: 'Whether it wakes somebody, waits for the morning, or is only shown in channels',
    },
    line: {
      type: 'string',
      description: 'What else people must know; write it again for each line',
      valueHint: 'TEXT',
    },
    link: {
      type: 'string',
      description: 'Where to look; write it again for each',
      valueHint: 'TITLE=https://…',
    },
    thread: { type: 'string', description: 'What notices about one thing share, so that they join', valueHint: 'KEY' },
    resolve: { type: 'boolean', description: 'The thing that the thread is about is over' },
    ...DEPLOYMENT_OPTIONS,
  },
  run: async ({ args, rawArgs }) => {
    if (args._.length > 1) throw new Error('Write the title in quotes, so that the shell passes it as one argument.');
    const { title, severity, thread, resolve = false } = args;
    const lines = valuesOf('line', rawArgs);
    const links = valuesOf('link', rawArgs).map(toLink);
    const body = parseAs(OPERATIONS[NAME].body, { title, severity, lines, links, thread, resolve }, 'The arguments');
    const { id } = await operate(args, NAME, body);
    console.log(`The notifier has it, as ${id}.`);
  },
});
