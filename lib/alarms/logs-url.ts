import type { Construct } from 'constructs';
import { encodeInsights, insightsPage } from '../../lambdas/contract/logs-insights.ts';
import { consoleUrl } from '../console.ts';
import { encodeLogGroupName } from '../existing/log-group-name.ts';

/** The CloudWatch Logs Insights page of a query over the last hour. */
export const logsUrl = (scope: Construct, logGroup: string, query: string): string =>
  consoleUrl(scope, 'cloudwatch', insightsPage(encodeLogGroupName(logGroup, encodeInsights), query, 'last hour'));
