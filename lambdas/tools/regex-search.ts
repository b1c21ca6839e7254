import * as z from 'zod';
import { defineTool } from '../observe/define-tool.ts';
import { ToolError } from '../observe/failure/tool-error.ts';

const MOST_MATCHES = 100;
const LONGEST_MATCH = 200;

const compiled = (pattern: string, ignoreCase: boolean): RegExp => {
  try {
    return new RegExp(pattern, ignoreCase ? 'giu' : 'gu');
  } catch (error) {
    throw new ToolError('INVALID_INPUT', `Not a regular expression: ${error instanceof Error ? error.message : error}`);
  }
};

/**
 * A pattern such as `(a+)+$` can take longer than the universe is old, and nothing inside the process can interrupt it:
 * the platform does, by killing the process. That is why this tool has a short timeout and a function to itself.
 */
export default defineTool({
  name: 'regex_search',
  description:
    'Find all matches of a regular expression (JavaScript syntax) in a text, with their places. Use it to pull ids, dates or figures out of long text.',
  input: z.object({
    pattern: z.string().min(1).max(500).describe('The expression, without slashes, e.g. [A-Z]-\\d{4}'),
    text: z.string().max(200_000).describe('The text to search'),
    ignore_case: z.boolean().default(false).describe('Whether upper and lower case count as the same'),
  }),
  output: z.object({
    total: z.int(),
    matches: z.array(z.object({ at: z.int(), match: z.string() })),
  }),
  readOnly: true,
  timeoutSeconds: 3,
  alarms: { p95Ms: 1_000, errorRate: 0.05 },
}).run(({ pattern, text, ignore_case }) => {
  const matches = [...text.matchAll(compiled(pattern, ignore_case))].map((match) => ({
    at: match.index,
    match: match[0].slice(0, LONGEST_MATCH),
  }));
  return { total: matches.length, matches: matches.slice(0, MOST_MATCHES) };
});
