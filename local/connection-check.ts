import { AwsError } from '../emulator/aws-error.ts';
import type { Cloud } from '../emulator/cloud.ts';
import { errorMessageIn } from '../emulator/lambda/environment.ts';
import type { LambdaFunction } from '../emulator/lambda/lambda.ts';
import { arnOf, type Place } from '../emulator/place.ts';
import { CONNECTIONS, type Connection, describeBrokenConnection } from '../lambdas/contract/connections.ts';

const asking = (arrow: Connection, ask: () => void): void => {
  try {
    ask();
  } catch (error) {
    if (error instanceof AwsError) throw new Error(describeBrokenConnection(arrow, error.message));
    throw error;
  }
};

/** Alarms may publish wherever they are to tell somebody; nobody is told. */
const alarmsMayTell = ({ alarms, sns }: Cloud, { account }: Place) => {
  const alarmOf = new Map(alarms.describe().flatMap(({ arn, actions }) => actions.ALARM.map((topic) => [topic, arn])));
  for (const [topic, arn] of [...alarmOf].sort()) {
    const context = { 'aws:sourcearn': arn, 'aws:sourceaccount': account };
    asking('alarm → topic', () => sns.authorize({ service: 'cloudwatch.amazonaws.com' }, topic, context));
  }
};

/** What cannot be processed may be kept where it is to go; nothing is put there. */
const payloadsMayBeKept = ({ lambda, iam }: Cloud) => {
  const ingest = lambda.functions().find(({ asynchronous }) => asynchronous.onFailure);
  if (!ingest)
    throw new Error(describeBrokenConnection('ingest → retained payloads', 'what cannot be stored goes nowhere'));
  const { role } = ingest.latest.configuration;
  const bucket = ingest.asynchronous.onFailure ?? '';
  asking('ingest → retained payloads', () => {
    iam.authorize({ principal: { role }, action: 's3:ListBucket', resource: bucket });
    iam.authorize({ principal: { role }, action: 's3:PutObject', resource: `${bucket}/aws/lambda`, policyOf: bucket });
  });
};

const toolsMayAsk = ({ lambda, iam }: Cloud) => {
  const tools = lambda.functions().filter(({ name }) => name.includes('-tool-'));
  for (const { role, variables } of tools.map(({ latest }) => latest.configuration)) {
    if (!variables.API_FUNCTION) continue;
    const { arn: resource } = lambda.functionOf(variables.API_FUNCTION);
    asking('tool → api', () => iam.authorize({ principal: { role }, action: 'lambda:InvokeFunction', resource }));
  }
};

/** The drill would be started, and could ring and listen. It is not run: it would wake people, and alarms take minutes. */
const drillMayRing = ({ scheduler, iam }: Cloud, place: Place, drill: LambdaFunction) => {
  const { role, logging } = drill.latest.configuration;
  const target = scheduler.targets().find(({ Arn }) => Arn === drill.arn);
  if (!target) throw new Error(describeBrokenConnection('schedule → drill', 'there is no schedule'));
  asking('schedule → drill', () => scheduler.authorizeStart(target));
  asking('drill → alarm', () => {
    const resource = arnOf(place, 'logs', `log-group:${logging.group}:log-stream:drill`);
    for (const action of ['logs:CreateLogStream', 'logs:PutLogEvents']) {
      iam.authorize({ principal: { role }, action, resource });
    }
  });
  asking('drill → metrics', () => {
    iam.authorize({ principal: { role }, action: 'cloudwatch:GetMetricData', resource: '*' });
  });
};

type Stage = 'refresh' | 'retention' | 'completeness';
const STAGES: readonly Stage[] = ['refresh', 'retention', 'completeness'];

const arrowBehind = (stage: Stage, why: string): Connection =>
  stage !== 'completeness'
    ? `${stage} → store`
    : why.includes('cloudwatch:')
      ? 'completeness → metrics'
      : 'completeness → api';

/** Each schedule's function runs once, as the schedule would run it. */
const scheduleCarries = async ({ scheduler }: Cloud, stage: Stage): Promise<string | undefined> => {
  const target = scheduler.targets().find(({ Arn }) => Arn.endsWith(`-${stage}`));
  if (!target) return describeBrokenConnection(`schedule → ${stage}`, 'there is no schedule');
  try {
    const { failed, payload } = await scheduler.runNow(target);
    if (!failed) return undefined;
    const why = errorMessageIn(payload);
    return describeBrokenConnection(arrowBehind(stage, why), why);
  } catch (error) {
    if (error instanceof AwsError) return describeBrokenConnection(`schedule → ${stage}`, error.message);
    throw error;
  }
};

/**
 * Looks at the arrows that the deployment's own proof cannot see, and gives the sentence that all carry. Rejects with the
 * sentence that names the first which does not.
 */
export const checkConnections = async (cloud: Cloud, place: Place): Promise<string> => {
  alarmsMayTell(cloud, place);
  payloadsMayBeKept(cloud);
  toolsMayAsk(cloud);
  const drill = cloud.lambda.functions().find(({ latest }) => latest.configuration.variables.DRILL_TOPICS);
  if (drill) drillMayRing(cloud, place, drill);
  const broken = (await Promise.all(STAGES.map((stage) => scheduleCarries(cloud, stage)))).find(Boolean);
  if (broken) throw new Error(broken);
  const there = CONNECTIONS.filter((arrow) => drill || !arrow.includes('drill'));
  return `All ${there.length} arrows carry.`;
};

/** A start that failed, by the arrow that did not carry where one can be named. */
export const explainStartFailure = (error: unknown): Error => {
  const { message } = error instanceof Error ? error : new Error(String(error));
  const sentence = /The connection .+ is broken: .+/s.exec(message)?.[0];
  if (sentence) return new Error(sentence, { cause: error });
  const refused = /\S+ is not authorized to perform: lambda:InvokeFunction on resource: \S+-migrate\b.*/s.exec(
    message,
  )?.[0];
  if (refused) return new Error(describeBrokenConnection('deployment → migrate', refused), { cause: error });
  const wrongClass = /a log group of the class \S+ feeds neither metrics nor subscriptions/.exec(message)?.[0];
  if (wrongClass) return new Error(describeBrokenConnection('log → metrics', wrongClass), { cause: error });
  const failed = /-migrate failed: (.+)/s.exec(message)?.[1];
  if (failed) return new Error(describeBrokenConnection('migrate → store', failed), { cause: error });
  return error instanceof Error ? error : new Error(message);
};
