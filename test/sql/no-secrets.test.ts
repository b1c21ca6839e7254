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

/** Everything there is in every table, view and materialized view of ours, as one text. */
const everythingStored = async (): Promise<string> => {
  const relations = await database.rows<{ name: string }>(
    `select format('%I.%I', nspname, relname) as name from pg_class join pg_namespace on pg_namespace.oid = relnamespace
     where nspname in ('analytics', 'rollup', 'ops') and relkind in ('r', 'p', 'v', 'm')`,
  );
  const texts = [];
  for (const { name } of relations) {
    const rows = await database.rows<{ told: string }>(
      `select row_to_json(everything)::text as told from ${name} as everything`,
    );
    texts.push(...rows.map(({ told }) => told));
  }
  return texts.join('\n');
};

const mark = fc.string({ unit: fc.constantFrom(...'bcdfghjkmnpqrvwxz'), minLength: 14, maxLength: 14 });

test('no secret of arguments, results or errors is in any row of any table or view', async () => {
  await fc.assert(
    fc.asyncProperty(mark, fc.nat(), async (text, which) => {
      const shaped = createCanaries(text);
      const held = shaped[which % shaped.length] ?? '';
      const failing = [
        () => ({ degrees: held as unknown as number }),
        () => ({ isError: true as const, message: held }),
        () => {
          throw new Error(`could not: ${held}`);
        },
        () => {
          throw new ToolError('UPSTREAM_ERROR', held, { type: held });
        },
      ];
      for (const behaviour of failing) {
        const tool = defineTool(toolFacts({ capture: { input: ['note'] } })).run((_args, { measure }) => {
          measure(held, 1, held);
          return behaviour();
        });
        await tool(
          { city: text, note: [held, { password: text }] },
          aContext({ user_agent: held, user_id: held } as never),
        );
      }
      await ingest(database.as('writer'), anEnvelope(lines.raw()));
      await refresh(database.as('refresher'));
      const stored = await everythingStored();
      expect(stored).toContain('weather');
      expect(stored).not.toContain(text);
    }),
    { numRuns: 12 },
  );
});
