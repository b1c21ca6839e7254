import type { Construct } from 'constructs';
import type { NoticeLinks } from '../../lambdas/contract/notice-links.ts';
import { callLogName } from '../call-log-name.ts';
import { consoleUrl } from '../console.ts';
import type { AlarmSettings } from './alarm-spec.ts';
import { dashboardUrl } from './alarm-text.ts';
import { isFull } from './monitoring.ts';

/** What the links of notices are made from, in this stack's region and partition. */
export const noticeLinksOf = (scope: Construct, settings: AlarmSettings, page: string | undefined): NoticeLinks => ({
  cloudWatch: consoleUrl(scope, 'cloudwatch', ''),
  stacks: consoleUrl(scope, 'cloudformation', '/stacks'),
  callLog: callLogName(settings),
  ...(isFull(settings) && { dashboard: dashboardUrl(scope, settings) }),
  ...(page !== undefined && { page }),
  ...(settings.runbookUrl === undefined ? {} : { runbook: settings.runbookUrl }),
});
