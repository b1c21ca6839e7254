import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createRealClock, DAY_MS } from '../../../emulator/clock.ts';

let now = 0;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  now = 1_000_000;
  vi.spyOn(Date, 'now').mockImplementation(() => now);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Both clocks move on; that of the timers may be ahead by so many milliseconds. */
const advance = (ms: number, ahead = 0): void => {
  now += ms - ahead;
  vi.advanceTimersByTime(ms);
};

test('what is to be done at a time is not done a millisecond before it, and is done then', () => {
  const work = vi.fn();
  createRealClock().after(1_000, work);
  advance(1_000, 1);
  expect(work).not.toHaveBeenCalled();
  advance(1);
  expect(work).toHaveBeenCalledOnce();
});

test('work can be scheduled for longer than a timer can count', () => {
  const work = vi.fn();
  createRealClock().after(30 * DAY_MS, work);
  advance(29 * DAY_MS);
  expect(work).not.toHaveBeenCalled();
  advance(DAY_MS);
  expect(work).toHaveBeenCalledOnce();
});

test('what is cancelled is not done, not even when it waited once more', () => {
  const work = vi.fn();
  const cancel = createRealClock().after(1_000, work);
  advance(1_000, 1);
  cancel();
  advance(1_000);
  expect(work).not.toHaveBeenCalled();
});
