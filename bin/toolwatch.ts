import { stripVTControlCharacters } from 'node:util';
import { type ArgsDef, defineCommand, renderUsage, runCommand } from 'citty';
import { sql } from './commands/sql.ts';
import { EXIT, runProgram } from './run-program.ts';

/** Each command is a file in bin/commands. */
const COMMANDS = { sql };
type Name = keyof typeof COMMANDS;

const main = defineCommand({
  meta: { name: 'toolwatch', description: 'Asks a deployment of Toolwatch' },
  subCommands: COMMANDS,
});

const printUsage = (usage: string): number => {
  console.log(process.stdout.isTTY ? usage : stripVTControlCharacters(usage));
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

runProgram(async () => {
  const [name = '--help', ...rest] = process.argv.slice(2);
  if (isHelp(name)) return printUsage(await renderUsage(main));
  if (!Object.hasOwn(COMMANDS, name))
    throw new Error(`There is no command ${name}. The commands are: ${Object.keys(COMMANDS).join(', ')}.`);
  const command = COMMANDS[name as Name];
  if (rest.some(isHelp)) return printUsage(await renderUsage(command));
  const unknown = findUnknownOption((command.args ?? {}) as ArgsDef, rest);
  if (unknown !== undefined) throw new Error(`There is no option ${unknown}; toolwatch ${name} --help lists them.`);
  await runCommand(main, { rawArgs: [name, ...rest] });
  return Number(process.exitCode ?? EXIT.ok);
});
