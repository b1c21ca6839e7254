import type * as z from 'zod';

/** What is wrong with a value: each problem with the field it is about. Nothing of the value itself is quoted. */
export const describeIssues = ({ issues }: z.ZodError): string =>
  issues
    .map(({ path, message }) => (path.length > 0 ? `${path.map(String).join('.')}: ${message}` : message))
    .join('; ');

/** The value as the schema reads it. Throws an error that names `subject`, and each field that is wrong. */
export const parseAs = <Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  subject: string,
): z.output<Schema> => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Error(`${subject}: ${describeIssues(parsed.error)}`);
};
