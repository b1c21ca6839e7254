import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AwsError } from './aws-error.ts';

/** A part as its sender names it. */
export interface UploadedPart {
  number: number;
  etag: string;
}

/** Every part but the last has at least so many bytes. */
const MIN_PART_BYTES = 5 * 1_024 * 1_024;
const MAX_PARTS = 10_000;

const etagOf = (body: Buffer): string => `"${createHash('md5').update(body).digest('hex')}"`;

/** Objects that arrive in parts, as folders below `folder`; they survive a restart. */
export const createUploads = (folder: string) => {
  /** The folder of an upload to this object. Throws `AwsError` when there is none. */
  const findUpload = (object: string, id: string): string => {
    const path = join(folder, id);
    const isKnown = /^[0-9a-f-]{36}$/.test(id) && existsSync(path);
    if (isKnown && readFileSync(join(path, 'object'), 'utf8') === object) return path;
    throw new AwsError('NoSuchUpload', 'The upload does not exist, is complete or was aborted', 404);
  };

  const readPart = (path: string, { number, etag }: UploadedPart): Buffer => {
    const part = join(path, String(number));
    const body = existsSync(part) ? readFileSync(part) : undefined;
    if (body && etagOf(body) === `"${etag.replaceAll('"', '')}"`) return body;
    throw new AwsError('InvalidPart', `Part ${number} was not uploaded, or is another one`);
  };

  return {
    begin: (object: string): string => {
      const id = randomUUID();
      mkdirSync(join(folder, id), { recursive: true });
      writeFileSync(join(folder, id, 'object'), object);
      return id;
    },

    /** Stores a part, in the place of an earlier one of this number; returns its identifier. */
    putPart: (object: string, id: string, number: number, body: Buffer): string => {
      if (!(number >= 1 && number <= MAX_PARTS))
        throw new AwsError('InvalidArgument', `Part numbers are from 1 to ${MAX_PARTS}`);
      writeFileSync(join(findUpload(object, id), String(number)), body);
      return etagOf(body);
    },

    /** The whole object of these parts. Throws `AwsError` for parts that are none, too small or not in order. */
    join: (object: string, id: string, parts: readonly UploadedPart[]): Buffer => {
      const path = findUpload(object, id);
      if (parts.length === 0) throw new AwsError('MalformedXML', 'There is no part');
      if (parts.some(({ number }, at) => at > 0 && number <= (parts[at - 1]?.number ?? 0)))
        throw new AwsError('InvalidPartOrder', 'Parts must be in the order of their numbers');
      const bodies = parts.map((part) => readPart(path, part));
      if (bodies.slice(0, -1).some(({ length }) => length < MIN_PART_BYTES))
        throw new AwsError('EntityTooSmall', `Every part but the last has at least ${MIN_PART_BYTES} bytes`);
      return Buffer.concat(bodies);
    },

    end: (object: string, id: string): void => rmSync(findUpload(object, id), { recursive: true }),
  };
};
