import {
  closeSync,
  existsSync,
  fdatasyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import * as z from 'zod';
import { type Call, type CallsReport, listedCall } from '../../lambdas/contract/api/calls.ts';
import { cellsOf, columnsOf, nameOfColumn } from '../../lambdas/contract/columns.ts';
import { DAY_MS } from '../../lambdas/contract/durations.ts';
import { parseJson } from '../../lambdas/contract/parse-json.ts';
import { formatRows } from '../../lambdas/csv/format-rows.ts';

export const EXPORT_FORMATS = ['csv', 'jsonl'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** Asks for the calls of a window, the newest first; `after` goes on with an earlier answer. */
export type ReadWindow = (window: { from: string; to: string }, after: string | undefined) => Promise<CallsReport>;

export interface ExportRequest {
  readonly file: string;
  readonly format: ExportFormat;
  /** In milliseconds since 1970; the calls that began from then on, and before the end. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Whether nobody stated the end: an export that was begun with an earlier one goes on with that. */
  readonly isToDefault: boolean;
  /** What chooses the calls, and where they are stored: an export goes on only with the same question there. */
  readonly filter: string;
  readonly deployment: string;
}

export interface ExportProgress {
  readonly calls: number;
  /** Until when, backwards, all calls are written. */
  readonly until: string;
}

/** What stands beside an unfinished file: how far it is. */
const progressNote = z.object({
  format: z.enum(EXPORT_FORMATS),
  filter: z.string(),
  deployment: z.string(),
  fromMs: z.number(),
  /** Null where nobody stated the end. */
  toMs: z.number().nullable(),
  /** The end of the window that is read, and where in it to go on. */
  endMs: z.number(),
  after: z.string().nullable(),
  bytes: z.number(),
  calls: z.number(),
});
type ProgressNote = z.output<typeof progressNote>;

const COLUMNS = columnsOf(listedCall);

const HEADERS = { csv: formatRows([COLUMNS.map(nameOfColumn)], { escapesFormulas: true }), jsonl: '' } as const;

/** Spreadsheets open CSV, and callers wrote much of it. */
const toLines = (format: ExportFormat, calls: readonly Call[]): string => {
  if (format === 'jsonl') return calls.map((call) => `${JSON.stringify(call)}\n`).join('');
  const rows = calls.map((call) => cellsOf(COLUMNS, call));
  return formatRows(rows, { escapesFormulas: true });
};

/** Until all calls are written, they stand in a file of this name. */
const partialOf = (file: string): string => `${file}.partial`;
const noteOf = (file: string): string => `${file}.progress`;

/** Writes a note whole: a crash leaves this one or the one before. */
const writeNote = (file: string, note: ProgressNote): void => {
  const beside = `${noteOf(file)}.new`;
  writeFileSync(beside, JSON.stringify(note), { flush: true });
  renameSync(beside, noteOf(file));
};

const removeUnfinished = (file: string): void => {
  for (const each of [partialOf(file), noteOf(file)]) rmSync(each, { force: true });
};

const begin = (request: ExportRequest): ProgressNote => {
  const { format, filter, deployment, fromMs, toMs, isToDefault } = request;
  const question = { format, filter, deployment, fromMs, toMs: isToDefault ? null : toMs };
  return { ...question, endMs: toMs, after: null, bytes: 0, calls: 0 };
};

/** How far an earlier export of the same is. Throws a sentence when something else is in its place. */
const findProgress = (request: ExportRequest): ProgressNote | undefined => {
  const { file } = request;
  const [partial, noteFile] = [partialOf(file), noteOf(file)];
  if (existsSync(file)) throw new Error(`${file} is there already; name another file, or remove it.`);
  if (!existsSync(partial)) return undefined;
  const note = existsSync(noteFile)
    ? progressNote.safeParse(parseJson(readFileSync(noteFile, 'utf8'))).data
    : undefined;
  const begun = begin(request);
  const isSame = (['format', 'filter', 'deployment', 'fromMs', 'toMs'] as const).every(
    (name) => note?.[name] === begun[name],
  );
  if (note && isSame && statSync(partial).size >= note.bytes) return note;
  throw new Error(
    `${partial} is an unfinished export of something else or of another deployment; remove it and ${noteFile}, or name another file.`,
  );
};

/** The part of an export that is written; each further part is on disk before the note says so. */
class UnfinishedFile {
  private readonly file: string;
  private readonly descriptor: number;
  note: ProgressNote;

  constructor({ file, format }: ExportRequest, found: ProgressNote | undefined, begun: ProgressNote) {
    this.file = file;
    this.note = found ?? begun;
    this.descriptor = openSync(partialOf(file), found ? 'r+' : 'wx');
    // What was written after the note was, stands there half.
    ftruncateSync(this.descriptor, this.note.bytes);
    if (!found) this.append(HEADERS[format], 0, begun);
  }

  append(text: string, calls: number, { endMs, after }: Pick<ProgressNote, 'endMs' | 'after'>): void {
    const bytes = Buffer.from(text);
    for (let written = 0; written < bytes.length; )
      written += writeSync(this.descriptor, bytes, written, bytes.length - written, this.note.bytes + written);
    fdatasyncSync(this.descriptor);
    this.note = { ...this.note, endMs, after, bytes: this.note.bytes + bytes.length, calls: this.note.calls + calls };
    writeNote(this.file, this.note);
  }

  close(): void {
    closeSync(this.descriptor);
  }
}

/**
 * Writes calls to a file, the newest first, a day at a time. The file is there once it has all of them; until then it has
 * another name. When it was interrupted, the same export goes on where it was: what stands in the file is neither read
 * nor written again. Throws what `read` throws, and sentences.
 */
export const exportCalls = async (
  request: ExportRequest,
  read: ReadWindow,
  onProgress: (progress: ExportProgress) => void,
): Promise<number> => {
  const { file, format, fromMs } = request;
  const unfinished = new UnfinishedFile(request, findProgress(request), begin(request));
  try {
    while (unfinished.note.endMs > fromMs) {
      const { endMs, after } = unfinished.note;
      const startMs = Math.max(fromMs, endMs - DAY_MS);
      const window = { from: new Date(startMs).toISOString(), to: new Date(endMs).toISOString() };
      const { calls, next } = await read(window, after ?? undefined);
      const place = next === null ? { endMs: startMs, after: null } : { endMs, after: next };
      unfinished.append(toLines(format, calls), calls.length, place);
      onProgress({ calls: unfinished.note.calls, until: calls.at(-1)?.started_at ?? window.from });
    }
  } catch (error) {
    unfinished.close();
    if (unfinished.note.calls === 0) removeUnfinished(file);
    throw error;
  }
  unfinished.close();
  renameSync(partialOf(file), file);
  removeUnfinished(file);
  return unfinished.note.calls;
};
