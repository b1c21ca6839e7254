import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';

/** From the project's root: once built, this code stands in another folder of it. */
const sourcePath = (file: string) => join(import.meta.dirname, '../dashboard', file);

/** The whole page as one HTML file that asks for nothing from anywhere: exactly one style, exactly one script. */
export const buildPage = (): string => {
  const { outputFiles } = buildSync({
    entryPoints: [sourcePath('main.tsx'), sourcePath('page.css')],
    outdir: 'page',
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    logLevel: 'silent',
  });
  const text = (ending: string) => outputFiles.find(({ path }) => path.endsWith(ending))?.text.trim() ?? '';
  return readFileSync(sourcePath('page.html'), 'utf8')
    .replace('<!-- style -->', () => `<style>${text('.css')}</style>`)
    .replace('<!-- script -->', () => `<script>${text('.js').replaceAll('</script', '<\\/script')}</script>`);
};
