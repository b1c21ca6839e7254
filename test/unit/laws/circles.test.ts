import { expect, test } from 'vitest';
import { filesBelow, importsOf } from '../../support/source-files.ts';

const FOLDERS = ['bin', 'lib', 'lambdas', 'emulator', 'local', 'scenarios', 'operate', 'dashboard', 'bench', 'test'];

type Graph = ReadonlyMap<string, readonly string[]>;

/** The groups of files that import each other in a circle, each in alphabetical order (Tarjan's algorithm). */
const findCircles = (graph: Graph): string[][] => {
  const index = new Map<string, number>();
  const lowest = new Map<string, number>();
  const path: string[] = [];
  const circles: string[][] = [];

  const visit = (file: string): void => {
    index.set(file, index.size);
    lowest.set(file, index.get(file) ?? 0);
    path.push(file);
    for (const target of graph.get(file) ?? []) {
      if (!index.has(target)) visit(target);
      if (path.includes(target)) {
        lowest.set(file, Math.min(lowest.get(file) ?? 0, lowest.get(target) ?? 0));
      }
    }
    if (lowest.get(file) !== index.get(file)) return;
    const circle = path.splice(path.indexOf(file));
    if (circle.length > 1) circles.push(circle.sort());
  };

  for (const file of graph.keys()) if (!index.has(file)) visit(file);
  return circles;
};

test('no two files import each other, directly or through others; type imports count', () => {
  const files = FOLDERS.flatMap((folder) => filesBelow(folder));
  const graph = new Map(files.map((file) => [file, importsOf(file).filter((target) => files.includes(target))]));
  expect(findCircles(graph)).toEqual([]);
});

test('a circle is found, however long it is, and a file that only leads into one is not part of it', () => {
  const graph = new Map([
    ['a', ['b', 'd']],
    ['b', ['c']],
    ['c', ['a']],
    ['d', []],
    ['e', ['a']],
  ]);
  expect(findCircles(graph)).toEqual([['a', 'b', 'c']]);
});
