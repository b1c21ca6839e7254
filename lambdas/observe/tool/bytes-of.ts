/** The size of a value as JSON, in bytes. Throws for a value that cannot be written as JSON. */
export const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? '');
