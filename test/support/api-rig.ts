import type { Context } from 'aws-lambda';
import { type ApiParts, type ApiRouter, createRouter } from '../../lambdas/api/routes.ts';
import type { FrontDoorEnv } from '../../lambdas/contract/env/front-door.ts';
import type { Database } from '../../lambdas/database/database.ts';
import { tools } from '../../lambdas/tools/index.ts';
import { costFactsOf } from '../../lib/bill/cost-facts.ts';
import { buildApiPage } from '../../lib/reference/api-page.tsx';
import { findMisfit, OPEN_API } from './checked-answers.ts';
import { serveFunctionUrl } from './function-url.ts';

export const PAGE = '<!doctype html><style>a{}</style><script>1</script>';

/**
 * The API's router with its reference as it is built. Each answer is checked: one that does not fit the OpenAPI document
 * fails the request.
 */
export const createCheckedRouter = (parts: Omit<ApiParts, 'reference' | 'openApi' | 'costFacts'>): ApiRouter => {
  const router = createRouter({
    ...parts,
    reference: buildApiPage,
    openApi: () => JSON.stringify(OPEN_API),
    costFacts: () => costFactsOf(tools),
  });
  return {
    resolve: async (event, context) => {
      const result = await router.resolve(event, context);
      const misfit = findMisfit(event, result);
      if (misfit !== undefined)
        throw new Error(
          `${event.requestContext.http.method} ${event.rawPath}: ${misfit} in ${result.body?.slice(0, 500)}`,
        );
      return result;
    },
  };
};

/** For an API of which a test changes nothing. */
export const NO_EDITOR: Database = {
  run: () => Promise.reject(new Error('this test changes nothing')),
  close: async () => {},
};

/** The API over this database, behind a Function URL. `errors` are those that it reports as not the requester's. */
export const serveApi = async (
  database: Database,
  errors: Error[] = [],
  frontDoor: FrontDoorEnv = { TOOLWATCH_TENANTS: 'on' },
  expected: ApiParts['expected'] = { providers: [], checks: [] },
  {
    editor = NO_EDITOR,
    channelNames = [],
    jobAttempts,
    callLog,
  }: Partial<Pick<ApiParts, 'editor' | 'channelNames' | 'jobAttempts' | 'callLog'>> = {},
) => {
  const api = createCheckedRouter({
    database,
    editor,
    channelNames,
    ...(jobAttempts !== undefined && { jobAttempts }),
    callLog,
    service: 'toolwatch',
    version: '1',
    frontDoor,
    expected,
    page: PAGE,
    onError: (error) => errors.push(error),
  });
  const server = await serveFunctionUrl((event, context) => api.resolve(event, context as Context));
  return { ...server, errors, get: (path: string, init?: RequestInit) => fetch(`${server.url}${path}`, init) };
};
