import { text } from 'node:stream/consumers';
import { synthesize } from './synthesize.ts';

try {
  const { settings, folder } = JSON.parse(await text(process.stdin));
  synthesize(settings, folder);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
