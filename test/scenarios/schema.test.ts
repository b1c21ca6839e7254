import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { scenario } from '../../scenarios/scenario.ts';
import { root } from '../support/source-files.ts';

const read = (file: string) => readFileSync(join(root, 'docs', file), 'utf8');

test('the published schema is the one with which files are read', () => {
  expect(JSON.parse(read('scenario.schema.json'))).toEqual(
    JSON.parse(JSON.stringify(z.toJSONSchema(scenario, { io: 'input' }))),
  );
});

test('the example in the document is a valid scenario', () => {
  const [, example = ''] = /```json\n([\s\S]+?)```/.exec(read('scenarios.md')) ?? [];
  expect(scenario.safeParse(JSON.parse(example)).success).toBe(true);
});
