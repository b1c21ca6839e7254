import { stripVTControlCharacters } from 'node:util';
import {
  type ArgsDef,
  type CommandDef,
  type CommandMeta,
  defineCommand,
  parseArgs,
  renderUsage,
  runCommand,
} from 'citty';
import { ack } from './commands/ack.ts';
import { alarms } from './commands/alarms.ts';
import { calls } from './commands/calls.ts';
import { createComplete } from './commands/complete.ts';
import { doctor } from './commands/doctor.ts';
import { drill } from './commands/drill.ts';
import { errors } from './commands/errors.ts';
import { exportCommand } from './commands/export.ts';
import { incidents } from './commands/incidents.ts';
import { job } from './commands/job.ts';
import { jobs, queues } from './commands/jobs.ts';
import { mute } from './commands/mute.ts';
import { notify } from './commands/notify.ts';
import { replay } from './commands/replay.ts';
import { report } from './commands/report.ts';
import { restore } from './commands/restore.ts';
import { rules } from './commands/rules.ts';
import { sql } from './commands/sql.ts';
import { status } from './commands/status.ts';
import { tail } from './commands/tail.ts';
import { tools } from './commands/tools.ts';
import { EXIT, messageOf, runProgram } from './run-program.ts';

/** Each command is a file in bin/commands. */
const COMMANDS = {
  ...{ status, alarms, incidents, ack, tools, errors, calls, tail, export: exportCommand, sql },
  ...{ queues, jobs, job },
  ...{ notify, mute, rules, drill, report, doctor, replay, restore },
  complete: createComplete((): Readonly<Record<string, CommandDef>> => BY_NAME),
};
/** Each has options of its own, which do not matter here. */
const BY_NAME = COMMANDS as unknown as Readonly<Record<string, CommandDef>>;

const main = defineCommand({
  meta: { name: 'toolwatch', description: 'Asks and operates a deployment of Toolwatch' },
  subCommands: COMMANDS,
});

/** The commands with a sentence about each; the rest of it is in the help of the command. */
const overview = defineCommand({
  ...main,
  subCommands: Object.fromEntries(
    Object.entries(BY_NAME).map(([name, { meta }]) => {
      const { description = '' } = meta as CommandMeta;
      return [name, defineCommand({ meta: { name, description: description.replace(/[.:] .*/s, '.') } })];
    }),
  ),
});

const printUsage = (usage: string): number => {
  const trimmed = usage.replaceAll(/ +$/gm, '');
  console.log(process.stdout.isTTY ? trimmed : stripVTControlCharacters(trimmed));
  return EXIT.ok;
};

const isHelp = (argument: string | undefined): boolean => argument === '--help' || argument === '-h';

/** The first option that a command does not have, which citty would ignore. */
const findUnknownOption = (known: ArgsDef, rawArgs: readonly string[]): string | undefined => {
  const end = rawArgs.indexOf('--');
  const takesValue = (argument = '') => ['string', 'enum'].includes(known[argument.replace(/^--/, '')]?.type ?? '');
  return rawArgs.slice(0, end === -1 ? undefined : end).find((argument, at) => {
    const [, name] = /^--?(?:no-)?([^=]+)/.exec(argument) ?? [];
    return name !== undefined && !Object.hasOwn(known, name) && !takesValue(rawArgs[at - 1]);
  });
};

/** A text with a blank is no option: it is a statement that begins with a comment, or a title with a minus. */
const explainUnknown = (unknown: string, command: string): string =>
  /\s/.test(unknown)
    ? `A text that begins with - is taken for an option; write -- before it: toolwatch ${command} -- "…".`
    : `There is no option ${unknown}; toolwatch ${command} --help lists them.`;

/** Throws a sentence when an option has a value that it cannot have, or none. */
const checkValues = (known: ArgsDef, rawArgs: string[]): void => {
  let args: Record<string, unknown>;
  try {
    args = parseArgs(rawArgs, known);
  } catch (error) {
    throw new Error(stripVTControlCharacters(messageOf(error)), { cause: error });
  }
  const empty = Object.keys(known).find((name) => known[name]?.type === 'string' && args[name] === '');
  if (empty !== undefined) throw new Error(`--${empty} expects a value.`);
};

runProgram(async () => {
  const [name = '--help', ...rest] = process.argv.slice(2);
  if (isHelp(name)) return printUsage(await renderUsage(overview));
  const command = Object.hasOwn(BY_NAME, name) ? BY_NAME[name] : undefined;
  if (!command) throw new Error(`There is no command ${name}. The commands are: ${Object.keys(COMMANDS).join(', ')}.`);
  if (rest.some(isHelp)) return printUsage(await renderUsage(command));
  // After `--` stand words that somebody is still writing.
  if (rest[0] !== '--' || name !== 'complete') {
    const known = (command.args ?? {}) as ArgsDef;
    const unknown = findUnknownOption(known, rest);
    if (unknown !== undefined) throw new Error(explainUnknown(unknown, name));
    checkValues(known, rest);
  }
  await runCommand(main, { rawArgs: [name, ...rest] });
  return Number(process.exitCode ?? EXIT.ok);
});
