/** What an action prints: `data` with `--json`, else the text. */
export interface Printed {
  data: unknown;
  text: string;
}

interface ActionArguments {
  readonly _: readonly string[];
  readonly action: string;
  readonly json?: boolean | undefined;
}

/**
 * Runs the action of a command that has several, with what it is asked for, and prints what it answers. Throws a sentence
 * when there is no such action, or when a text was written without quotes.
 */
export const runAction = async <Request>(
  args: ActionArguments,
  actions: Readonly<Record<string, (request: Request) => Promise<Printed>>>,
  request: Request,
): Promise<void> => {
  const run = Object.hasOwn(actions, args.action) ? actions[args.action] : undefined;
  if (!run) throw new Error(`There is no ${args.action}; write one of ${Object.keys(actions).join(', ')}.`);
  if (args._.length > 2) throw new Error('Write texts in quotes, so that the shell passes each as one argument.');
  const { data, text } = await run(request);
  console.log(args.json ? JSON.stringify(data, null, 2) : text);
};
