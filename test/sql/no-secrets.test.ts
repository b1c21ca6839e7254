import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ingest } from '../../lambdas/ingest/ingest.ts';
import { defineTool } from '../../lambdas/observe/define-tool.ts';
import { ToolError } from '../../lambdas/observe/failure/tool-error.ts';
import { refresh } from '../../lambdas/refresh/refresh.ts';
import { toolFacts } from '../support/a-tool.ts';
import { anEnvelope } from '../support/an-envelope.ts';
import { createCanaries } from '../support/canaries.ts';
import { captureLines } from '../support/captured-lines.ts';
import { testDatabase } from '../support/database.ts';
import { aContext } from '../support/lambda-context.ts';

const lines = captureLines();
const database = await testDatabase();

/** All rows of all our tables, views and materialized views, as one text. */
const readAllRows = async (): Promise<string> => {
  const relations = await database.rows<{ name: string }>(
    `select format('%I.%I', nspname, relname) as name from pg_class join pg_namespace on pg_namespace.oid = relnamespace
     where nspname in ('analytics', 'rollup', 'ops') and relkind in ('r', 'p', 'v', 'm')`,
  );
  const texts = [];
  for (const { name } of relations) {
    const rows = await database.rows<{ json: string }>(
      `select row_to_json(relation)::text as json from ${name} as relation`,
    );
    texts.push(...rows.map(({ json }) => json));
  }
  return texts.join('\n');
};

const secretText = fc.string({ unit: fc.constantFrom(...'bcdfghjkmnpqrvwxz'), minLength: 14, maxLength: 14 });

test('no secret from arguments, results or errors is in any row of any table or view', async () => {
  await fc.assert(
    fc.asyncProperty(secretText, fc.nat(), async (text, index) => {
      const secrets = createCanaries(text);
      const secret = secrets[index % secrets.length] ?? '';
      const failing = [
        () => ({ degrees: secret as unknown as number }),
        () => ({ isError: true as const, message: secret }),
        () => {
          throw new Error(`could not: ${secret}`);
        },
        () => {
          throw new ToolError('UPSTREAM_ERROR', secret, { type: secret });
        },
      ];
      for (const behaviour of failing) {
        const tool = defineTool(toolFacts({ capture: { input: ['note'] } })).run((_args, { measure }) => {
          measure(secret, 1, secret);
          return behaviour();
        });
        await tool(
          { city: text, note: [secret, { password: text }] },
          aContext({ user_agent: secret, user_id: secret } as never),
        );
      }
      await ingest(database.as('writer'), anEnvelope(lines.raw()));
      await refresh(database.as('refresher'));
      const stored = await readAllRows();
      expect(stored).toContain('weather');
      expect(stored).not.toContain(text);
    }),
    { numRuns: 12 },
  );
});
