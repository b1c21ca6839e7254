import { SEVERITIES, type Severity } from '../../contract/severity.ts';
import { fieldsOf } from '../publish/alarm-text.ts';
import type { Topics } from '../publish/publish.ts';

/**
 * The severities whose recipients CloudWatch itself notifies that an alarm fires: those to whose topics the alarm publishes
 * beside the inbox, because it is about lost notifications.
 */
export const findNotifiedDirectly = (notification: string, topics: Topics): Severity[] => {
  const { AlarmActions } = fieldsOf(notification);
  return Array.isArray(AlarmActions) ? SEVERITIES.filter((severity) => AlarmActions.includes(topics[severity])) : [];
};
