import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { read, root } from './source-files.ts';

/** Folders of a checkout that hold no documents of the project. */
const NOT_OURS = /^(node_modules|dist|cdk\.out|coverage|\.git|\.toolwatch.*)$/;

/** Every file of the checkout, as a path from its root with forward slashes. */
export const projectFiles: readonly string[] = readdirSync(root, { withFileTypes: true })
  .filter(({ name }) => !NOT_OURS.test(name))
  .flatMap((entry) =>
    entry.isDirectory()
      ? readdirSync(join(root, entry.name), { recursive: true, withFileTypes: true })
          .filter((inner) => inner.isFile())
          .map((inner) => join(inner.parentPath, inner.name).slice(root.length + 1))
      : [entry.name],
  )
  .map((file) => file.replaceAll('\\', '/'));

const folders: ReadonlySet<string> = new Set(projectFiles.map((file) => file.split('/')[0] ?? ''));
const baseNames: ReadonlySet<string> = new Set(projectFiles.map((file) => basename(file)));

/** A fenced block: the language, what else is said on the line of the fence, and the text. */
interface Fence {
  language: string;
  note: string;
  text: string;
}

export interface Document {
  file: string;
  text: string;
  /** The text without its fenced blocks. */
  prose: string;
  fences: readonly Fence[];
}

const FENCE = /^```(\w*)([^\n]*)\n([\s\S]*?)^```$/gm;

const readDocument = (file: string): Document => {
  const text = read(file);
  const fences = [...text.matchAll(FENCE)].map(([, language = '', note = '', block = '']) => ({
    language,
    note: note.trim(),
    text: block,
  }));
  return { file, text, prose: text.replaceAll(FENCE, ''), fences };
};

/** Every Markdown file of the project, but for reports of API Extractor, which are TypeScript in one fence. */
export const documents: readonly Document[] = projectFiles
  .filter((file) => file.endsWith('.md') && !file.endsWith('.api.md'))
  .sort()
  .map(readDocument);

/** The text of every inline code span; one that is wrapped over two lines is one span. */
export const codeSpansOf = ({ prose }: Document): string[] =>
  prose
    .split(/\n\s*\n/)
    .flatMap((paragraph) => [...paragraph.matchAll(/`([^`]+)`/g)].map(([, span = '']) => span.replaceAll(/\s+/g, ' ')));

/** The lines of every shell block, without their comments. */
export const shellLinesOf = ({ fences }: Document): string[] =>
  fences
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text }) => text.split('\n'))
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter(Boolean);

/** The targets of links and images that are not addresses on the web. */
export const linksOf = ({ prose }: Document): string[] =>
  [...prose.replaceAll(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target));

/** The anchors of a document's headings, as GitHub makes them. */
export const anchorsOf = ({ prose }: Document): string[] => {
  const seen = new Map<string, number>();
  return [...prose.matchAll(/^#{1,6} +(.+)$/gm)].map(([, heading = '']) => {
    const slug = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(/\s/g, '-');
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
};

/** `lib/{a,b}.ts` names two paths; an ellipsis in the list stands for more of the kind. */
const expandBraces = (path: string): string[] => {
  const braces = /^(.*?)\{([^{}]*)\}(.*)$/.exec(path);
  if (!braces) return [path];
  const [, before = '', list = '', after = ''] = braces;
  return list
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '…')
    .flatMap((item) => expandBraces(`${before}${item}${after}`));
};

const PATH = /^\.?[\w*][\w.*<>-]*(\/[\w.*<>@-]+)*\/?$/;
const SOURCE_ENDING = /[\w*>]\.(ts|tsx|mjs|sql|md|json|txt|yml)$/;

/** The repository paths that a piece of code names: what begins with one of our folders, or ends as our files do. */
export const pathsIn = (code: string): string[] =>
  code
    .split(' ')
    .map((word) => word.replace(/^["'(]+/, '').replace(/["'),;:]+$/, ''))
    .filter((word) => !/^(\/|\.\.?\/|-)|:\/\//.test(word))
    .flatMap(expandBraces)
    .filter((word) => PATH.test(word))
    .filter((word) => (word.includes('/') && folders.has(word.split('/')[0] ?? '')) || SOURCE_ENDING.test(word));

/** Whether a file, or a folder with files in it, matches; `*` stands for anything but a slash, `**` for anything. */
const isThere = (pattern: string): boolean => {
  const escaped = pattern.replace(/\/$/, '').replaceAll(/[.+?^$()|[\]\\]/g, '\\$&');
  const regex = escaped.replaceAll(/\*+/g, (stars) => (stars.length > 1 ? '.*' : '[^/]*'));
  const matching = new RegExp(`^${regex}(/.*)?$`);
  return projectFiles.some((file) => matching.test(file));
};

/**
 * Whether the path is in the project: from its root or from the document's own folder, `*` and `<name>` standing for any
 * text. A bare file name may be in any folder.
 */
export const isProjectPath = (path: string, { file }: Document): boolean => {
  const pattern = path.replaceAll(/<[^>]*>/g, '*');
  if (isThere(pattern) || isThere(join(dirname(file), pattern))) return true;
  return !pattern.includes('/') && baseNames.has(pattern);
};
