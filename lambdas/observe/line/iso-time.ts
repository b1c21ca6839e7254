const MAX_FOUR_DIGITS = 9_999;

function pad(value: number, digits = 2): string {
  return String(value).padStart(digits, '0');
}

/**
 * The time as `toISOString` writes it. The first `toISOString` of a process loads the data of time zones, which takes
 * more than a tenth of its first call.
 */
export function formatIsoTime(atMs: number): string {
  const time = new Date(atMs);
  const year = time.getUTCFullYear();
  if (!(year >= 0 && year <= MAX_FOUR_DIGITS)) return time.toISOString();
  const day = `${pad(year, 4)}-${pad(time.getUTCMonth() + 1)}-${pad(time.getUTCDate())}`;
  const clock = `${pad(time.getUTCHours())}:${pad(time.getUTCMinutes())}:${pad(time.getUTCSeconds())}`;
  return `${day}T${clock}.${pad(time.getUTCMilliseconds(), 3)}Z`;
}
