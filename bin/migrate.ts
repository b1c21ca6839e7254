import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { thresholdsOf } from '../lambdas/contract/thresholds.ts';
import { migrate } from '../lambdas/migrate/migrate.ts';
import { describeSchema } from '../lambdas/migrate/schema.ts';
import { tools } from '../lambdas/tools/index.ts';
import { findLocalStore } from '../local/folder.ts';
import { EXIT, runProgram } from './run-program.ts';

const USAGE = `npm run migrate [-- options]
Applies the missing migrations to a database and rebuilds its views.

  --url URL        postgres://…; by default the database of the npm start that runs
  --data FOLDER    the folder of that npm start, if it has one of its own
  --write-schema   also write sql/schema.sql
  --help           print this text

Exit code: 0 when the database is up to date, 2 when it could not be migrated.`;

runProgram(async () => {
  const { values } = parseArgs({
    options: {
      url: { type: 'string' },
      data: { type: 'string' },
      'write-schema': { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return EXIT.ok;
  }
  const client = new pg.Client({ connectionString: values.url ?? findLocalStore('toolwatch_owner', values.data) });
  await client.connect();
  try {
    const thresholds = tools.map(({ facts }) => thresholdsOf(facts));
    const { applied, viewsRebuilt } = await migrate(client, { thresholds });
    for (const name of applied) console.log(`applied ${name}`);
    if (values['write-schema'])
      writeFileSync(resolve(import.meta.dirname, '../sql/schema.sql'), await describeSchema(client));
    console.log(viewsRebuilt ? 'rebuilt the views' : 'the views are up to date');
  } finally {
    await client.end();
  }
  return EXIT.ok;
});
