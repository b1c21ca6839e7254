import { loadNodeCrypto } from './node-modules.ts';

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

let bytesAsHex: string[] | undefined;
const BYTES_PER_ID = 10;
/** Random bytes are drawn for many ids in one call: one draw takes as long as the rest of creating an id. */
const POOL_BYTES = BYTES_PER_ID * 256;

let pool: Uint8Array | undefined;
let used = POOL_BYTES;

/** True for a UUID of any version. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** A UUID of version 7 with the time `atMs`, in whole milliseconds since 1970. */
export function createUuidV7(atMs: number): string {
  pool ??= new Uint8Array(POOL_BYTES);
  bytesAsHex ??= Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
  if (used === POOL_BYTES) {
    loadNodeCrypto().randomFillSync(pool);
    used = 0;
  }
  const hex = (index: number, mask = 0xff, bits = 0): string =>
    bytesAsHex?.[((pool?.[used + index] ?? 0) & mask) | bits] as string;
  const time = atMs.toString(16).padStart(12, '0');
  const id =
    `${time.slice(0, 8)}-${time.slice(8)}-${hex(0, 0x0f, 0x70)}${hex(1)}-${hex(2, 0x3f, 0x80)}${hex(3)}-` +
    `${hex(4)}${hex(5)}${hex(6)}${hex(7)}${hex(8)}${hex(9)}`;
  used += BYTES_PER_ID;
  return id;
}

/** The time in a UUID of version 7, in milliseconds since 1970. */
export function timeOfUuidV7(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}
