import { text } from 'node:stream/consumers';

try {
  const { settings, folder } = JSON.parse(await text(process.stdin));
  // Imported here, so that code that fails to load is reported like any other error.
  const { synthesize } = await import('./synthesize.ts');
  synthesize(settings, folder);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
