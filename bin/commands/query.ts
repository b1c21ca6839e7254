/** The query string of those options that somebody has written; their names are the parameters', with dashes. */
export const writeQuery = <Name extends string>(
  args: Readonly<Record<string, unknown>>,
  names: readonly Name[],
  others: Readonly<Record<string, string>> = {},
): string => {
  const given = names.flatMap((name) => {
    const value = args[name.replaceAll('_', '-')];
    return typeof value === 'string' ? [[name, value]] : [];
  });
  return new URLSearchParams([...given, ...Object.entries(others)]).toString();
};
