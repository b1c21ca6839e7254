/** The server's time minus this machine's, in milliseconds: the clock of the reader's machine may be a day off. */
let offset = 0;
/** Below this the two clocks agree: the header has whole seconds, and an answer takes a while. */
const TOLERANCE_MS = 5_000;

/** Notes what time it is at the server, by the header of its answer. */
export const noteServerTime = (date: string | null): void => {
  const difference = Date.parse(date ?? '') - Date.now();
  if (!Number.isNaN(difference)) offset = Math.abs(difference) < TOLERANCE_MS ? 0 : difference;
};

/** What time it is at the server, in milliseconds since 1970. */
export const serverNow = (): number => Date.now() + offset;
