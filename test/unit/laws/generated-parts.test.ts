import { describe, expect, test } from 'vitest';
import { tools } from '../../../lambdas/tools/index.ts';
import { generatedParts, replacePart } from '../../../lib/reference/generated-parts.ts';
import { read } from '../../support/source-files.ts';

describe.each(generatedParts(tools, read))('the part "$name" of $file', (part) => {
  test('is what npm run docs would write', () => {
    expect(replacePart(read(part.file), part)).toBe(read(part.file));
  });
});

test('a document keeps every word outside of the marks', () => {
  const part = { file: 'a.md', name: 'tools', text: 'new' };
  expect(replacePart('before\n<!-- tools:begin -->\nold\n<!-- tools:end -->\nafter\n', part)).toBe(
    'before\n<!-- tools:begin -->\nnew\n<!-- tools:end -->\nafter\n',
  );
});

test('a document without the marks is an error that names them', () => {
  expect(() => replacePart('nothing', { file: 'a.md', name: 'tools', text: '' })).toThrow(
    'a.md has no line <!-- tools:begin -->',
  );
});
