import { beforeEach, describe, expect, test } from 'vitest';
import { createDrivenClock, type DrivenClock } from '../../../emulator/clock.ts';
import { createSuppression, type Suppression } from '../../../emulator/cloudwatch/alarm-suppression.ts';

/** The wait period is two units of time long, the extension period three. */
const UNIT = 1_000;
let clock: DrivenClock;
let suppression: Suppression;
let suppressor: 'OK' | 'ALARM';
let taken: string[];
beforeEach(() => {
  clock = createDrivenClock(0);
  suppressor = 'OK';
  taken = [];
  const isSuppressorInAlarm = () => suppressor === 'ALARM';
  suppression = createSuppression({ clock, isSuppressorInAlarm, waitMs: 2 * UNIT, extensionMs: 3 * UNIT });
});

const setComposite = (state: string) => suppression.request(() => taken.push(`${state} at ${clock.now() / UNIT}`));
const setSuppressor = (state: 'OK' | 'ALARM') => {
  suppressor = state;
  suppression.update();
};
const advanceTo = (unit: number) => clock.advance(unit * UNIT - clock.now());

describe('the actions of a composite alarm with a suppressor', () => {
  test('are taken after the wait period when the suppressor stays out of ALARM', async () => {
    await advanceTo(2);
    setComposite('ALARM');
    expect(suppression.reason()).toBe('WaitPeriod');
    await advanceTo(9);
    expect(taken).toEqual(['ALARM at 4']);
    expect(suppression.reason()).toBeUndefined();
  });

  test('are not taken when the suppressor goes into ALARM within the wait period', async () => {
    await advanceTo(2);
    setComposite('ALARM');
    await advanceTo(3);
    setSuppressor('ALARM');
    await advanceTo(20);
    expect(taken).toEqual([]);
    expect(suppression.reason()).toBe('Alarm');
  });

  test('wait again when the state changes within the wait period', async () => {
    await advanceTo(2);
    setComposite('ALARM');
    await advanceTo(3);
    setComposite('OK');
    await advanceTo(9);
    expect(taken).toEqual(['OK at 5']);
  });

  test('are not taken when the suppressor was already in ALARM', async () => {
    setSuppressor('ALARM');
    await advanceTo(2);
    setComposite('ALARM');
    await advanceTo(20);
    expect(taken).toEqual([]);
  });

  test('are taken at the end of the extension period when the state is still the same', async () => {
    setSuppressor('ALARM');
    setComposite('ALARM');
    await advanceTo(4);
    setSuppressor('OK');
    expect(suppression.reason()).toBe('ExtensionPeriod');
    await advanceTo(9);
    expect(taken).toEqual(['ALARM at 7']);
  });

  test('are those of the later state when the state changed within the extension period', async () => {
    setSuppressor('ALARM');
    setComposite('ALARM');
    await advanceTo(4);
    setSuppressor('OK');
    await advanceTo(6);
    setComposite('OK');
    await advanceTo(20);
    expect(taken).toEqual(['OK at 8']);
  });

  test('remain suppressed when the suppressor goes back into ALARM within the extension period', async () => {
    setSuppressor('ALARM');
    setComposite('ALARM');
    await advanceTo(4);
    setSuppressor('OK');
    await advanceTo(6);
    setSuppressor('ALARM');
    await advanceTo(20);
    expect(taken).toEqual([]);
  });

  test('are not taken a second time for the same state', async () => {
    setComposite('ALARM');
    await advanceTo(3);
    setSuppressor('ALARM');
    await advanceTo(5);
    setSuppressor('OK');
    await advanceTo(20);
    expect(taken).toEqual(['ALARM at 2']);
  });
});
