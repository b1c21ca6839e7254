import type { Context } from 'aws-lambda';
import { afterAll } from 'vitest';
import { buildPage } from '../../dashboard/build.ts';
import type { Invocation } from '../../lambdas/contract/invocation.ts';
import { store } from '../../lambdas/ingest/store.ts';
import { refresh } from '../../lambdas/refresh/refresh.ts';
import { createCheckedRouter } from './api-rig.ts';
import { type TestDatabase, testDatabase } from './database.ts';
import { serveFunctionUrl } from './function-url.ts';

/** The page and the real routes, over a real store that contains these calls, and what `prepare` stores. */
export const pageRig = async (calls: Invocation[], prepare = async (_: TestDatabase): Promise<void> => {}) => {
  const database = await testDatabase();
  await store(database.as('writer'), calls);
  await prepare(database);
  await refresh(database.as('refresher'));
  const reader = database.as('reader');
  let broken = false;
  const api = createCheckedRouter({
    database: {
      ...reader,
      run: (work, signal) => (broken ? Promise.reject(new Error('the store is down')) : reader.run(work, signal)),
    },
    editor: database.as('editor'),
    jobAttempts: 8,
    service: 'toolwatch',
    version: '1',
    frontDoor: { TOOLWATCH_TENANTS: 'off' },
    page: buildPage(),
    onError: () => {},
  });
  const server = await serveFunctionUrl((event, context) => api.resolve(event, context as Context));
  afterAll(server.close);
  return {
    url: server.url,
    database,
    /** From now on the store does not answer. */
    breakStore: () => {
      broken = true;
    },
  };
};
