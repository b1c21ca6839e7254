const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
] as const;

/** `2026-11-20 10:02:13` */
export const formatTime = (time: string | null): string => (time === null ? '-' : time.slice(0, 19).replace('T', ' '));

/** `3 min`, `2 h`, `5 d`. */
export const formatSpan = (seconds: number): string => {
  const [unit, length] = UNITS.find(([, each]) => seconds >= each) ?? ['s', 1];
  return `${Math.floor(Math.max(0, seconds) / length)} ${unit}`;
};

/** How long ago a time was: `3 min`; `-` where there is none. */
export const formatAge = (time: string | null, nowMs = Date.now()): string =>
  time === null ? '-' : formatSpan((nowMs - Date.parse(time)) / 1_000);
