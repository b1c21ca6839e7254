import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';

/** Relative to the package's root, because the compiled form of this file is in another folder of the package. */
const sourcePath = (file: string) => join(import.meta.dirname, '../dashboard', file);

/** The whole page as one HTML file without external resources: exactly one style and one script. */
export const buildPage = (): string => {
  const { outputFiles } = buildSync({
    entryPoints: [sourcePath('main.tsx'), sourcePath('styles/page.css')],
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
  const textOf = (extension: string) => outputFiles.find(({ path }) => path.endsWith(extension))?.text.trim() ?? '';
  return readFileSync(sourcePath('page.html'), 'utf8')
    .replace('<!-- style -->', () => `<style>${textOf('.css')}</style>`)
    .replace('<!-- script -->', () => `<script>${textOf('.js').replaceAll('</script', '<\\/script')}</script>`);
};
