/** How much a request to `jobs` or its answer may hold, in bytes: Lambda passes on 6 MiB, and JSON needs some of it. */
export const MAX_DIRECT_BYTES = 5_000_000;
