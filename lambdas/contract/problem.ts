import * as z from 'zod';

/** The form of every answer with a status from 400 on, as RFC 9457 describes it. */
export const PROBLEM_TYPE = 'application/problem+json';

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

export const problem = z.object({
  type: z.literal('about:blank').describe('What kind of problem: none beyond its status.'),
  title: z.string().describe('The status in words.'),
  status: z.int().min(400).max(599),
  detail: z.string().describe('What is wrong, and what to write or do.'),
  parameters: z.array(z.string()).optional().describe('The parameters or fields that must be written differently.'),
});
export type Problem = z.infer<typeof problem>;

/** The problem of a request that was not done. `parameters` are the names of those that must be written differently. */
export const problemOf = (status: number, detail: string, parameters?: readonly string[]): Problem => ({
  type: 'about:blank',
  title: TITLES[status] ?? 'Error',
  status,
  detail,
  ...(parameters && { parameters: [...parameters] }),
});
