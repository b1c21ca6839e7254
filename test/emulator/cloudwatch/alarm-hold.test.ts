import { beforeEach, describe, expect, test } from 'vitest';
import { type DrivenClock, drivenClock } from '../../../emulator/clock.ts';
import { createHold, type Hold } from '../../../emulator/cloudwatch/alarm-hold.ts';

/** The wait is two units of time, the extension three. */
const UNIT = 1_000;
let clock: DrivenClock;
let hold: Hold;
let suppressor: 'OK' | 'ALARM';
let taken: string[];
beforeEach(() => {
  clock = drivenClock(0);
  suppressor = 'OK';
  taken = [];
  hold = createHold({ clock, isOn: () => suppressor === 'ALARM', waitMs: 2 * UNIT, extensionMs: 3 * UNIT });
});

const composite = (state: string) => hold.tell(() => taken.push(`${state} at ${clock.now() / UNIT}`));
const suppressorTurns = (state: 'OK' | 'ALARM') => {
  suppressor = state;
  hold.look();
};
const until = (unit: number) => clock.advance(unit * UNIT - clock.now());

describe('the actions of a composite alarm with a suppressor', () => {
  test('are taken after the wait when the suppressor stays off', async () => {
    await until(2);
    composite('ALARM');
    expect(hold.by()).toBe('WaitPeriod');
    await until(9);
    expect(taken).toEqual(['ALARM at 4']);
    expect(hold.by()).toBeUndefined();
  });

  test('are not taken when the suppressor comes on within the wait', async () => {
    await until(2);
    composite('ALARM');
    await until(3);
    suppressorTurns('ALARM');
    await until(20);
    expect(taken).toEqual([]);
    expect(hold.by()).toBe('Alarm');
  });

  test('wait anew when the state changes within the wait', async () => {
    await until(2);
    composite('ALARM');
    await until(3);
    composite('OK');
    await until(9);
    expect(taken).toEqual(['OK at 5']);
  });

  test('are not taken while the suppressor was on already', async () => {
    suppressorTurns('ALARM');
    await until(2);
    composite('ALARM');
    await until(20);
    expect(taken).toEqual([]);
  });

  test('are taken when the extension is over and the state is still the same', async () => {
    suppressorTurns('ALARM');
    composite('ALARM');
    await until(4);
    suppressorTurns('OK');
    expect(hold.by()).toBe('ExtensionPeriod');
    await until(9);
    expect(taken).toEqual(['ALARM at 7']);
  });

  test('are those of the later state when that changed within the extension', async () => {
    suppressorTurns('ALARM');
    composite('ALARM');
    await until(4);
    suppressorTurns('OK');
    await until(6);
    composite('OK');
    await until(20);
    expect(taken).toEqual(['OK at 8']);
  });

  test('go on being held when the suppressor comes back within the extension', async () => {
    suppressorTurns('ALARM');
    composite('ALARM');
    await until(4);
    suppressorTurns('OK');
    await until(6);
    suppressorTurns('ALARM');
    await until(20);
    expect(taken).toEqual([]);
  });

  test('are not taken again for a state that was told before', async () => {
    composite('ALARM');
    await until(3);
    suppressorTurns('ALARM');
    await until(5);
    suppressorTurns('OK');
    await until(20);
    expect(taken).toEqual(['ALARM at 2']);
  });
});
