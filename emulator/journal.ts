import {
  closeSync,
  copyFileSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

/**
 * What a service has accepted and not yet done. An entry is in a file when `put` returns, so that it survives the
 * sudden end of this process; a power failure may lose the last ones.
 */
export interface Journal<Entry> {
  /** What an earlier process accepted and did not do, by id, oldest first. */
  readonly left: ReadonlyMap<string, Entry>;
  /** Adds an entry, or replaces the one with this id. */
  put(id: string, entry: Entry): void;
  remove(ids: readonly string[]): void;
}

/** Opens the journal of a name. Each of its entries is of the schema. */
export type OpenJournal = <Entry>(name: string, schema: z.ZodType<Entry>) => Journal<Entry>;

/** A file is rewritten when it has grown this far beyond what is still to do, in bytes. */
const MAX_SLACK_BYTES = 4 * 1_024 * 1_024;
/** Of what is still to do; beyond it entries are no longer written. */
const MAX_BYTES = 128 * 1_024 * 1_024;

/** One line of a file: what is to do under an id, or, without it, that the work of the id is done. */
const lineSchema = z.union([z.tuple([z.string(), z.unknown()]), z.tuple([z.string()])]);

const formatLine = (id: string, entry?: unknown): string =>
  `${JSON.stringify(entry === undefined ? [id] : [id, entry])}\n`;

/** Reads a file; a line that cannot be read (the last one, when the process was ended while it wrote) is counted. */
const readEntries = <Entry>(file: string, schema: z.ZodType<Entry>) => {
  const entries = new Map<string, Entry>();
  let unreadable = 0;
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  for (const line of lines.filter((text) => text !== '')) {
    try {
      const [id, entry] = lineSchema.parse(JSON.parse(line));
      const parsed = entry === undefined ? undefined : schema.parse(entry);
      entries.delete(id); // what is put again is the newest
      if (parsed !== undefined) entries.set(id, parsed);
    } catch {
      unreadable += 1;
    }
  }
  return { entries, unreadable };
};

interface JournalOptions {
  /** Below which the files are. */
  folder: string;
  /** Receives a description of what is lost, or would be. */
  onLoss: (description: string) => void;
  maxBytes?: number;
}

/** The file of a journal while a process works on it. */
class JournalFile {
  /** The lines of what is still to do, by id. */
  private readonly lines: Map<string, string>;
  private liveBytes = 0;
  private fileBytes = 0;
  private descriptor: number;
  private isKeeping = true;
  private readonly path: string;
  private readonly options: JournalOptions;

  constructor(path: string, lines: Map<string, string>, options: JournalOptions) {
    this.path = path;
    this.options = options;
    this.lines = lines;
    for (const line of lines.values()) this.liveBytes += Buffer.byteLength(line);
    this.descriptor = this.rewrite();
  }

  put(id: string, entry: unknown): void {
    const line = formatLine(id, entry);
    const bytes = Buffer.byteLength(line);
    this.forget(id);
    if (this.liveBytes + bytes > (this.options.maxBytes ?? MAX_BYTES)) {
      this.reportOnce(`it holds ${this.liveBytes} bytes already`);
      return;
    }
    this.lines.set(id, line);
    this.liveBytes += bytes;
    this.append(line);
  }

  remove(ids: readonly string[]): void {
    const known = ids.filter((id) => this.forget(id));
    if (known.length === 0) return;
    if (this.lines.size === 0) this.truncate(0);
    else this.append(known.map((id) => formatLine(id)).join(''));
    if (this.fileBytes > this.liveBytes * 2 + MAX_SLACK_BYTES) this.shrink();
  }

  close(): void {
    closeSync(this.descriptor);
  }

  private forget(id: string): boolean {
    this.liveBytes -= Buffer.byteLength(this.lines.get(id) ?? '');
    return this.lines.delete(id);
  }

  private append(text: string): void {
    try {
      writeFileSync(this.descriptor, text);
      this.fileBytes += Buffer.byteLength(text);
      this.isKeeping = true;
    } catch (error) {
      // What a failed write left would make the next line unreadable as well.
      this.truncate(this.fileBytes);
      this.reportOnce(String(error));
    }
  }

  private truncate(bytes: number): void {
    ftruncateSync(this.descriptor, bytes);
    this.fileBytes = bytes;
  }

  /** Writes what is still to do into a new file in the place of the old one, and opens it. */
  private rewrite(): number {
    const next = `${this.path}.next`;
    writeFileSync(next, [...this.lines.values()].join(''));
    renameSync(next, this.path);
    const descriptor = openSync(this.path, 'a');
    this.fileBytes = fstatSync(descriptor).size;
    return descriptor;
  }

  private shrink(): void {
    try {
      const descriptor = this.rewrite();
      closeSync(this.descriptor);
      this.descriptor = descriptor;
    } catch {
      // The disk is full: the longer file is as good, and the next removal tries again.
    }
  }

  private reportOnce(why: string): void {
    if (this.isKeeping) this.options.onLoss(`what is accepted now would be lost by a restart: ${this.path}: ${why}`);
    this.isKeeping = false;
  }
}

/**
 * Opens journals. What cannot be read in one is put aside beside it and reported. After `close` nothing is written any
 * more: what ends because everything stops is not done.
 */
export const openJournals = (options: JournalOptions) => {
  const { folder, onLoss } = options;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const files: JournalFile[] = [];
  let isOpen = true;

  const open: OpenJournal = (name, schema) => {
    const path = join(folder, `${name}.jsonl`);
    const { entries, unreadable } = readEntries(path, schema);
    if (unreadable > 0) {
      const aside = `${path}.unreadable-${Date.now()}`;
      copyFileSync(path, aside);
      const lines = `unreadable lines: ${unreadable}`;
      onLoss(`some of what ${path} held may be lost (${lines}); the whole file is retained as ${aside}`);
    }
    const lines = new Map([...entries].map(([id, entry]) => [id, formatLine(id, entry)]));
    const file = new JournalFile(path, lines, options);
    files.push(file);
    return {
      left: entries,
      put: (id, entry) => {
        if (isOpen) file.put(id, entry);
      },
      remove: (ids) => {
        if (isOpen) file.remove(ids);
      },
    };
  };

  return {
    open,
    close: (): void => {
      if (isOpen) for (const file of files) file.close();
      isOpen = false;
    },
  };
};
