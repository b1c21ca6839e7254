import { expect, test } from 'vitest';
import { notifierFindings } from '../../../operate/doctor/alarms.ts';

const anAlarm = (name: string, StateValue: 'ALARM' | 'OK' | 'INSUFFICIENT_DATA') => ({
  AlarmName: `shop/pipeline/${name}`,
  StateValue,
});

test('the doctor finds a notifier that does not work, and notifications that it could not read', () => {
  const works = anAlarm('notifier-works', 'ALARM');
  expect(notifierFindings([works, anAlarm('notifications-unread', 'OK')])).toEqual([]);
  expect(notifierFindings([anAlarm('notifier-works', 'INSUFFICIENT_DATA')])).toEqual([]);
  expect(notifierFindings([anAlarm('notifier-works', 'OK')])[0]?.what).toMatch('The notifier does not work');
  expect(notifierFindings([works, anAlarm('notifications-unread', 'ALARM')])[0]?.what).toMatch('could not read');
});
