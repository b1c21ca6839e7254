import * as z from 'zod';
import { defineTool } from '../observe/define-tool.ts';
import { ToolError } from '../observe/failure/tool-error.ts';

const MAX_MATCHES = 100;
const MAX_MATCH_LENGTH = 200;

const compilePattern = (pattern: string, ignoreCase: boolean): RegExp => {
  try {
    return new RegExp(pattern, ignoreCase ? 'giu' : 'gu');
  } catch (error) {
    throw new ToolError('INVALID_INPUT', `Invalid pattern: ${error instanceof Error ? error.message : error}`);
  }
};

/**
 * A pattern such as `(a+)+$` can run practically forever, and nothing inside the process can interrupt it; only the
 * platform can, by killing the process. That is why this tool has a short timeout and its own function.
 */
export default defineTool({
  name: 'regex_search',
  description:
    'Find all matches of a regular expression (JavaScript syntax) in a text, with their positions. Use it to ' +
    'extract ids, dates or figures from a long text.',
  input: z.object({
    pattern: z.string().min(1).max(500).describe('The regular expression, without slashes, e.g. [A-Z]-\\d{4}'),
    text: z.string().max(200_000).describe('The text to search'),
    ignore_case: z.boolean().default(false).describe('True to ignore the difference between upper and lower case'),
  }),
  output: z.object({
    total: z.int(),
    matches: z.array(z.object({ at: z.int(), match: z.string() })),
  }),
  readOnly: true,
  timeoutSeconds: 3,
  alarms: { p95Ms: 1_000, errorRate: 0.05 },
}).run(({ pattern, text, ignore_case }) => {
  const matches = [...text.matchAll(compilePattern(pattern, ignore_case))].map((match) => ({
    at: match.index,
    match: match[0].slice(0, MAX_MATCH_LENGTH),
  }));
  return { total: matches.length, matches: matches.slice(0, MAX_MATCHES) };
});
