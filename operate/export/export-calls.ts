import {
  closeSync,
  existsSync,
  ftruncateSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import Papa from 'papaparse';
import * as z from 'zod';
import { type Call, type CallsReport, listedCall } from '../../lambdas/contract/api/calls.ts';
import { DAY_MS } from '../../lambdas/contract/durations.ts';
import { parseJson } from '../../lambdas/contract/parse-json.ts';

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
  /** What chooses the calls, so that an export goes on only with the same question. */
  readonly filter: string;
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
  fromMs: z.number(),
  toMs: z.number(),
  /** The end of the window that is read, and where in it to go on. */
  endMs: z.number(),
  after: z.string().nullable(),
  bytes: z.number(),
  calls: z.number(),
});
type ProgressNote = z.output<typeof progressNote>;

const COLUMNS = Object.keys(listedCall.shape) as (keyof Call)[];

const toLines = (format: ExportFormat, calls: readonly Call[]): string => {
  if (format === 'jsonl') return calls.map((call) => `${JSON.stringify(call)}\n`).join('');
  if (calls.length === 0) return '';
  const rows = calls.map((call) => COLUMNS.map((column) => call[column]));
  return `${Papa.unparse(rows, { newline: '\n', quotes: (value) => value === '' })}\n`;
};

const noteOf = (file: string): string => `${file}.progress`;

/** How far an earlier export of the same is. Throws a sentence when the file is there, and is not that. */
const findProgress = ({ file, format, filter, fromMs, toMs }: ExportRequest): ProgressNote | undefined => {
  if (!existsSync(noteOf(file))) {
    if (existsSync(file)) throw new Error(`${file} is there already; name another file, or remove it.`);
    return undefined;
  }
  const note = progressNote.safeParse(parseJson(readFileSync(noteOf(file), 'utf8'))).data;
  const isSame = note?.format === format && note.filter === filter && note.fromMs === fromMs && note.toMs === toMs;
  if (note && isSame && existsSync(file)) return note;
  throw new Error(
    `${file} is an unfinished export of something else; remove it and ${noteOf(file)}, or name another file.`,
  );
};

const begin = ({ format, filter, fromMs, toMs }: ExportRequest): ProgressNote => {
  return { format, filter, fromMs, toMs, endMs: toMs, after: null, bytes: 0, calls: 0 };
};

/**
 * Writes calls to a file, the newest first, a day at a time. When it was interrupted, the same export goes on where it
 * was: what stands in the file is neither read nor written again. Throws what `read` throws, and sentences.
 */
export const exportCalls = async (
  request: ExportRequest,
  read: ReadWindow,
  onProgress: (progress: ExportProgress) => void,
): Promise<number> => {
  const { file, format, fromMs } = request;
  const found = findProgress(request);
  let note = found ?? begin(request);
  const descriptor = openSync(file, found ? 'r+' : 'wx');
  const append = (text: string, next: Pick<ProgressNote, 'endMs' | 'after'>, calls: number) => {
    const written = writeSync(descriptor, Buffer.from(text), 0, Buffer.byteLength(text), note.bytes);
    note = { ...note, ...next, bytes: note.bytes + written, calls: note.calls + calls };
    writeFileSync(noteOf(file), JSON.stringify(note));
  };
  try {
    // What was written after the note was, stands there half.
    ftruncateSync(descriptor, note.bytes);
    if (!found) append(format === 'csv' ? `${Papa.unparse([COLUMNS])}\n` : '', note, 0);
    while (note.endMs > fromMs) {
      const startMs = Math.max(fromMs, note.endMs - DAY_MS);
      const window = { from: new Date(startMs).toISOString(), to: new Date(note.endMs).toISOString() };
      const { calls, next } = await read(window, note.after ?? undefined);
      append(
        toLines(format, calls),
        next === null ? { endMs: startMs, after: null } : { endMs: note.endMs, after: next },
        calls.length,
      );
      onProgress({ calls: note.calls, until: calls.at(-1)?.started_at ?? window.from });
    }
  } finally {
    closeSync(descriptor);
  }
  rmSync(noteOf(file));
  return note.calls;
};
