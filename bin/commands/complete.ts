import tab, { type Command } from '@bomb.sh/tab';
import { type ArgDef, type ArgsDef, type CommandDef, defineCommand } from 'citty';

const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;

/** What an argument may be, as its definition says: by its options, or by a description such as `One of a, b`. */
const valuesOf = (argument: ArgDef): readonly string[] => {
  if (argument.type === 'enum') return argument.options ?? [];
  const [, list] = /^One of ([\w-]+(?:, [\w-]+)*)$/.exec(argument.description ?? '') ?? [];
  return list?.split(', ') ?? [];
};

/** Of citty's own adapter positional arguments would be options as well, and switches would take values. */
const addArgument = (command: Command, name: string, argument: ArgDef): void => {
  const description = argument.description ?? '';
  const handler = (complete: (value: string, description: string) => void) => {
    for (const value of valuesOf(argument)) complete(value, '');
  };
  if (argument.type === 'positional') command.argument(name, handler);
  else if (argument.type === 'boolean') command.option(name, description);
  else command.option(name, description, handler);
};

const firstSentence = (text: string): string => text.split('. ', 1)[0] ?? '';

const addCommand = (name: string, { meta, args }: CommandDef): void => {
  const command = tab.command(name, firstSentence((meta as { description: string }).description));
  for (const [argument, definition] of Object.entries((args ?? {}) as ArgsDef))
    addArgument(command, argument, definition);
};

/**
 * `toolwatch complete`: prints the script of a shell, which asks `toolwatch complete -- WORDS…` what may come next. All
 * follows from the definitions of the commands.
 */
export const createComplete = (commands: () => Readonly<Record<string, CommandDef>>) =>
  defineCommand({
    meta: {
      name: 'toolwatch complete',
      description:
        'Prints what lets a shell complete commands and options: source <(npx toolwatch complete bash). Exit code: 0 with ' +
        'it, 2 for another shell.',
    },
    args: { shell: { type: 'positional', required: true, description: `One of ${SHELLS.join(', ')}` } },
    run: ({ rawArgs }) => {
      for (const [name, command] of Object.entries(commands())) addCommand(name, command);
      const [first, ...words] = rawArgs;
      if (first === '--') tab.parse(words);
      else {
        const shell = SHELLS.find((known) => known === first);
        if (!shell) throw new Error(`There is no script for ${first}; write one of ${SHELLS.join(', ')}.`);
        tab.setup('toolwatch', 'toolwatch', shell);
      }
    },
  });
