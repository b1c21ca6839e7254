import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { alarmNamesIn } from '../../lib/alarm-audit.ts';
import { buildApp } from '../../lib/app.ts';
import type { Bundles } from '../../lib/bundle.ts';
import type { Settings } from '../../lib/settings.ts';

/**
 * The names of the alarms that these settings deploy. Synthesizes with empty functions, whose code does not matter
 * here.
 */
export function expectedAlarms(settings: Settings): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'toolwatch-doctor-'));
  try {
    const code = join(folder, 'code');
    mkdirSync(code);
    writeFileSync(join(code, 'index.mjs'), '');
    const bundles: Bundles = { function: () => code, tool: () => code, version: 'doctor', dispose: () => {} };
    const outdir = join(folder, 'out');
    buildApp(settings, { outdir, bundles, comparesWithSchemas: false }).synth();
    return readdirSync(outdir)
      .filter((file) => file.endsWith('.template.json'))
      .flatMap((file) => alarmNamesIn(JSON.parse(readFileSync(join(outdir, file), 'utf8'))));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The names of the indexes in sql/schema.sql. */
export const expectedIndexes = (): string[] =>
  [
    ...readFileSync(join(import.meta.dirname, '../../sql/schema.sql'), 'utf8').matchAll(
      /^ {2}(?:UNIQUE )?INDEX (\S+) /gm,
    ),
  ].map(([, name = '']) => name);
