import type { SourceMap } from 'node:module';
import { parseJson } from '../../contract/parse-json.ts';
import { loadFileSystem, loadModules } from '../line/node-modules.ts';

/** Where a frame of a stack is: `(file:///var/task/index.mjs:68:9401)`, or without brackets. */
const POSITION = /(?:file:\/\/)?(\/[^\s()]+\.m?js):(\d+):(\d+)(?=\)?$)/;

const maps = new Map<string, SourceMap | undefined>();

function readMap(file: string): SourceMap | undefined {
  const fs = loadFileSystem();
  if (!fs.existsSync(file)) return undefined;
  const payload = parseJson(fs.readFileSync(file, 'utf8'));
  const { SourceMap } = loadModules();
  return payload === undefined ? undefined : new SourceMap(payload as ConstructorParameters<typeof SourceMap>[0]);
}

/** The source map beside a file of a bundle; read when the first error of a process needs it, because it is large. */
function findMap(path: string): SourceMap | undefined {
  if (!maps.has(path)) maps.set(path, readMap(`${path}.map`));
  return maps.get(path);
}

/** A frame of a stack with the file and line that its author wrote, where the bundle has a source map. Never throws. */
export function toSourcePosition(frame: string): string {
  try {
    const [place, path = '', line = '', column = ''] = POSITION.exec(frame) ?? [];
    const found = place && findMap(path)?.findEntry(Number(line) - 1, Number(column) - 1);
    if (!place || !found || !('originalSource' in found) || !found.originalSource) return frame;
    return frame.replace(place, `${found.originalSource}:${found.originalLine + 1}:${found.originalColumn + 1}`);
  } catch {
    return frame;
  }
}
