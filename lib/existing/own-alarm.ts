import { Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SEVERITIES, type Severity } from '../../lambdas/contract/severity.ts';
import type { MetricAlarmSpec } from '../alarms/alarm-spec.ts';
import { InvalidSettings } from '../settings.ts';

/** An alarm that an app adds to those of the construct: in the CDK's words, with what each of ours has. */
export interface OwnAlarmProps {
  /** Ours, AWS's, or one that `appMetrics` or a metric filter of the app declares. */
  readonly metric: cloudwatch.Metric | cloudwatch.MathExpression;
  readonly threshold: number;
  /** Decides whom it notifies, when it fires and when it is over. */
  readonly severity: Severity;
  /** What has happened, in plain words, for the person who is notified. */
  readonly alarmDescription: string;
  /** Default: greater than the threshold. */
  readonly comparisonOperator?: cloudwatch.ComparisonOperator;
  /** Default 1. */
  readonly evaluationPeriods?: number;
  /** Default: all of `evaluationPeriods`. */
  readonly datapointsToAlarm?: number;
  /** `NOT_BREACHING`, which is the default, or `BREACHING` for an alarm on silence. */
  readonly treatMissingData?: cloudwatch.TreatMissingData.BREACHING | cloudwatch.TreatMissingData.NOT_BREACHING;
  /** One of `tools`, whose owner and topics it then has. */
  readonly tool?: string;
  /** Who acts. Default: the tool's owner, or the setting `owner`. */
  readonly owner?: string;
  /** Where its runbook is. Default: under `own/*` of the runbook. */
  readonly runbookUrl?: string;
}

const NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/;
const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 86_400;
const WEEK_SECONDS = 604_800;

const isCount = (value: number, max: number): boolean => Number.isInteger(value) && value >= 1 && value <= max;

/** What is wrong with an alarm of the app, in sentences that say what to write. */
function findProblems(name: string, props: OwnAlarmProps): string[] {
  const { metric, threshold, severity, alarmDescription, evaluationPeriods = 1 } = props;
  const { datapointsToAlarm = evaluationPeriods, treatMissingData } = props;
  const problems: string[] = [];
  const check = (isRight: boolean, sentence: string) => isRight || problems.push(sentence);
  check(NAME.test(name), 'its name; write at most 64 lower-case letters, digits, hyphens and _');
  check(
    metric instanceof cloudwatch.Metric || metric instanceof cloudwatch.MathExpression,
    'its metric; give a Metric or a MathExpression of aws-cdk-lib/aws-cloudwatch',
  );
  check(SEVERITIES.includes(severity), `its severity; write ${SEVERITIES.join(' or ')}`);
  check(
    Token.isUnresolved(alarmDescription) || alarmDescription.trim() !== '',
    'its description; write alarmDescription, what has happened, for the person who is notified',
  );
  check(Token.isUnresolved(threshold) || Number.isFinite(threshold), 'its threshold; write a number');
  check(isCount(evaluationPeriods, 10_080), 'evaluationPeriods; write a whole number of windows');
  check(isCount(datapointsToAlarm, evaluationPeriods), 'datapointsToAlarm; write a number up to evaluationPeriods');
  check(
    [undefined, cloudwatch.TreatMissingData.BREACHING, cloudwatch.TreatMissingData.NOT_BREACHING].includes(
      treatMissingData,
    ),
    'treatMissingData; write BREACHING or NOT_BREACHING, because it would notify nobody without data',
  );
  if (problems.length === 0) {
    const seconds = metric.period.toSeconds();
    const longest = seconds < HOUR_SECONDS ? DAY_SECONDS : WEEK_SECONDS;
    check(
      seconds * evaluationPeriods <= longest,
      `evaluationPeriods; CloudWatch looks back ${longest / DAY_SECONDS} days at most, so write ` +
        `${Math.floor(longest / seconds)} or less`,
    );
  }
  return problems.map((problem) => `The alarm ${JSON.stringify(name)}: ${problem}.`);
}

/** An alarm of the app as one of ours. Throws `InvalidSettings` for one that would not work. */
export function specOfOwn(name: string, props: OwnAlarmProps): MetricAlarmSpec {
  const problems = findProblems(name, props);
  if (problems.length > 0) throw new InvalidSettings(problems.join('\n'));
  const { metric, threshold, severity, alarmDescription, owner, runbookUrl, comparisonOperator } = props;
  const { evaluationPeriods = 1, datapointsToAlarm = evaluationPeriods, treatMissingData } = props;
  return {
    name: `own/${name}`,
    severity,
    owner,
    means: alarmDescription,
    runbookUrl,
    metric,
    threshold,
    ...(comparisonOperator && { comparison: comparisonOperator }),
    windows: evaluationPeriods,
    badWindows: datapointsToAlarm,
    missingData: treatMissingData === cloudwatch.TreatMissingData.BREACHING ? 'breaching' : 'notBreaching',
  };
}
