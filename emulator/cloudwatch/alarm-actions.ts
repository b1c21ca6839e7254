import type { Clock } from '../clock.ts';
import type { Alarm } from './alarm.ts';
import type { AlarmNotification, Transition } from './alarm-message.ts';

const MAX_HISTORY = 200;

export interface AlarmActionsOptions {
  clock: Clock;
  isMuted: (alarm: string, now: number) => boolean;
  /** Sends a notification to an action's ARN on behalf of the alarm, and deals with a rejection itself. */
  notify: (action: string, alarmArn: string, notification: AlarmNotification) => void;
  /** With what the alarm publishes the new state to, whether it is muted or not. */
  onTransition: (transition: Transition, actions: readonly string[]) => void;
}

/** What follows a change of an alarm's state: its history, and its actions unless they are suppressed or muted. */
export const createAlarmActions = ({ clock, isMuted, notify, onTransition }: AlarmActionsOptions) => ({
  /** Records a change of state and takes the actions of the new state. */
  recordTransition: (alarm: Alarm, transition: Transition, buildNotification: () => AlarmNotification): void => {
    alarm.history.push(transition);
    if (alarm.history.length > MAX_HISTORY) alarm.history.shift();
    onTransition(transition, alarm.actions[transition.to]);
    const take = () => {
      if (!alarm.enabled) return;
      const notification = buildNotification();
      for (const action of alarm.actions[transition.to]) notify(action, alarm.arn, notification);
    };
    const takeUnlessMuted = () => {
      if (isMuted(alarm.name, clock.now())) alarm.mutedActions = { state: transition.to, take };
      else take();
    };
    if (alarm.suppression) alarm.suppression.request(takeUnlessMuted);
    else takeUnlessMuted();
  },

  /** When a mute has ended and the alarm is still in ALARM, takes the actions that the mute postponed. */
  takeMutedActions: (alarm: Alarm): void => {
    if (!alarm.mutedActions || isMuted(alarm.name, clock.now())) return;
    const { state, take } = alarm.mutedActions;
    alarm.mutedActions = undefined;
    if (state === 'ALARM' && alarm.state === state) take();
  },
});

export type AlarmActions = ReturnType<typeof createAlarmActions>;
