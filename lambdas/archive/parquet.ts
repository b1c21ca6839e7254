import { parquetRead } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import type { ArchiveType } from '../contract/archive.ts';
import { type Calls, COLUMNS, noCalls, type Value } from './calls.ts';

type Element = NonNullable<Parameters<typeof parquetWriteBuffer>[0]['schema']>[number];

/** How each type is written: by the types that Athena and every other reader of Parquet know. */
export const PARQUET_TYPES: Record<ArchiveType, Pick<Element, 'type' | 'converted_type'>> = {
  timestamp: { type: 'INT64', converted_type: 'TIMESTAMP_MICROS' },
  bigint: { type: 'INT64' },
  double: { type: 'DOUBLE' },
  integer: { type: 'INT32' },
  boolean: { type: 'BOOLEAN' },
  string: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  json: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
};

const SCHEMA: Element[] = [
  { name: 'calls', num_children: COLUMNS.length },
  ...COLUMNS.map(([name, type]): Element => ({ name, repetition_type: 'OPTIONAL', ...PARQUET_TYPES[type] })),
];

/** A Parquet file of these calls, compressed with Snappy. */
export const writeParquet = (calls: Calls): Buffer =>
  Buffer.from(
    parquetWriteBuffer({
      columnData: COLUMNS.map(([name]) => ({ name, data: calls[name] })),
      schema: SCHEMA,
      rowGroupSize: 100_000,
      createdBy: 'toolwatch',
    }),
  );

/** The calls of such a file. */
export const readParquet = async (content: Buffer): Promise<Calls> => {
  const buffer = content.buffer.slice(content.byteOffset, content.byteOffset + content.length) as ArrayBuffer;
  const calls = noCalls();
  await parquetRead({
    file: { byteLength: buffer.byteLength, slice: (start, end) => buffer.slice(start, end) },
    parsers: { timestampFromMicroseconds: Number },
    onChunk: ({ columnName, columnData }) => {
      const column = calls[columnName as keyof Calls];
      for (const value of columnData as Iterable<Value | undefined>) column.push(value ?? null);
    },
  });
  return calls;
};
