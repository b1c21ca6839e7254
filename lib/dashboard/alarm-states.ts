import { Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { alarmName } from '../alarms/alarm.ts';
import { alarmArn } from '../alarms/alarm-arn.ts';
import { listAlarmNames } from '../alarms/alarm-names.ts';
import type { NamingSettings } from '../deployment-name.ts';
import { WIDTH } from './layout.ts';

/** How many alarms CloudWatch shows in one widget. */
const MAX_ALARMS = 100;
const HEIGHT = 4;

/**
 * The states of all alarms below a construct, those that are in ALARM first. Alarms of tools have widgets of their own;
 * beyond a hundred, several share the row.
 */
export class AlarmStates extends cloudwatch.ConcreteWidget {
  readonly #scope: Construct;
  readonly #settings: NamingSettings;

  constructor(scope: Construct, settings: NamingSettings) {
    super(WIDTH, HEIGHT);
    this.#scope = scope;
    this.#settings = settings;
  }

  /** Called at synthesis, when all alarms are there. */
  override toJson(): unknown[] {
    const ofTools = alarmName(this.#settings, 'tool/');
    const names = listAlarmNames(this.#scope).sort();
    const lists = [
      ...splitList(
        'Alarms',
        names.filter((name) => !name.startsWith(ofTools)),
      ),
      ...splitList(
        'Alarms of tools',
        names.filter((name) => name.startsWith(ofTools)),
      ),
    ];
    const width = Math.floor(WIDTH / Math.max(1, lists.length));
    return lists.map(({ title, alarms }, index) => ({
      type: 'alarm',
      width,
      height: HEIGHT,
      x: (this.x ?? 0) + index * width,
      y: this.y,
      properties: {
        title,
        alarms: alarms.map((name) => alarmArn(Stack.of(this.#scope), name)),
        sortBy: cloudwatch.AlarmStatusWidgetSortBy.STATE_UPDATED_TIMESTAMP,
      },
    }));
  }
}

/** A list in parts that a widget can show, with what tells the parts apart in their titles. */
const splitList = (title: string, alarms: readonly string[]): { title: string; alarms: readonly string[] }[] => {
  const parts = Math.ceil(alarms.length / MAX_ALARMS);
  return Array.from({ length: parts }, (_, index) => ({
    title: parts === 1 ? title : `${title} (${index + 1} of ${parts})`,
    alarms: alarms.slice(index * MAX_ALARMS, (index + 1) * MAX_ALARMS),
  }));
};
