import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { thresholdsOf } from '../lambdas/contract/thresholds.ts';
import { migrate } from '../lambdas/migrate/migrate.ts';
import { describeSchema } from '../lambdas/migrate/schema.ts';
import { tools } from '../lambdas/tools/index.ts';

const USAGE = `npm run migrate -- [--url postgres://…] [--write-schema]
Brings a database to the present schema. Without --url: the one that npm start runs. --write-schema also writes sql/schema.sql.`;
const LOCAL = 'postgres://toolwatch_owner@127.0.0.1:54320/toolwatch';

const { values } = parseArgs({
  options: { url: { type: 'string', default: LOCAL }, 'write-schema': { type: 'boolean' }, help: { type: 'boolean' } },
});
if (values.help) {
  console.log(USAGE);
} else {
  const client = new pg.Client({ connectionString: values.url });
  await client.connect();
  try {
    const thresholds = tools.map(({ facts }) => thresholdsOf(facts));
    const { applied, viewsRebuilt } = await migrate(client, { thresholds });
    for (const name of applied) console.log(`applied ${name}`);
    if (values['write-schema'])
      writeFileSync(resolve(import.meta.dirname, '../sql/schema.sql'), await describeSchema(client));
    console.log(viewsRebuilt ? 'rebuilt the views' : 'the views are current');
  } finally {
    await client.end();
  }
}
