import { parseJson } from '../parse-json.ts';

type Arguments = { arguments: Record<string, unknown> } | { problem: string };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The arguments that a tool is called with for a payload; `argument` is the one that gets the whole body. */
export const toArguments = (
  payload: Buffer,
  contentType: string | undefined,
  argument: string | undefined,
): Arguments => {
  const text = payload.toString('utf8');
  const isForm = contentType?.toLowerCase().startsWith('application/x-www-form-urlencoded') ?? false;
  const body = isForm ? Object.fromEntries(new URLSearchParams(text)) : parseJson(text);
  if (argument !== undefined) return { arguments: { [argument]: body ?? text } };
  return isObject(body) ? { arguments: body } : { problem: 'The body is neither a JSON object nor a form.' };
};
