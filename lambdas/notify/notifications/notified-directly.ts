import { SEVERITIES, type Severity } from '../../contract/severity.ts';
import { fieldsOf } from '../publish/alarm-text.ts';
import type { Topics } from '../publish/publish.ts';

/**
 * The severities whose recipients CloudWatch itself notifies that an alarm fires: those to whose topics the alarm publishes
 * beside the inbox, because it is about lost notifications. Of severities with one topic only the first.
 */
export const findNotifiedDirectly = (notification: string, topics: Topics): Severity[] => {
  const { AlarmActions } = fieldsOf(notification);
  if (!Array.isArray(AlarmActions)) return [];
  const notified = SEVERITIES.filter((severity) => AlarmActions.includes(topics[severity]));
  return notified.filter((severity) => notified.find((other) => topics[other] === topics[severity]) === severity);
};
