import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildLineSchema } from '../lambdas/observe/line/line-schema.ts';

/** Writes docs/line.schema.json from the record's schema. */
writeFileSync(join(import.meta.dirname, '../docs/line.schema.json'), buildLineSchema());
