import { AwsError } from '../emulator/aws-error.ts';
import type { Cloud } from '../emulator/cloud.ts';
import { errorMessageIn } from '../emulator/lambda/environment.ts';
import type { LambdaFunction } from '../emulator/lambda/lambda.ts';
import { arnOf, type Place } from '../emulator/place.ts';
import { CONNECTIONS, type Connection, describeBrokenConnection } from '../lambdas/contract/connections.ts';

const toBrokenConnectionError = (connection: Connection, why: string): Error =>
  new Error(describeBrokenConnection(connection, why));

/** Runs a check; what AWS refuses in it is thrown as this broken connection. */
const checkConnection = (connection: Connection, check: () => void): void => {
  try {
    check();
  } catch (error) {
    throw error instanceof AwsError ? toBrokenConnectionError(connection, error.message) : error;
  }
};

/** Asks whether alarms may publish to each topic they name; nothing is published. */
const checkAlarmsMayPublish = ({ alarms, sns }: Cloud, { account }: Place) => {
  const alarmOf = new Map(alarms.describe().flatMap(({ arn, actions }) => actions.ALARM.map((topic) => [topic, arn])));
  for (const [topic, arn] of [...alarmOf].sort()) {
    const context = { 'aws:sourcearn': arn, 'aws:sourceaccount': account };
    checkConnection('alarm → topic', () => sns.authorize({ service: 'cloudwatch.amazonaws.com' }, topic, context));
  }
};

/** Asks whether Lambda may put a payload that ingest could not store into its bucket; nothing is put there. */
const checkPayloadsMayBeRetained = ({ lambda, iam }: Cloud) => {
  const ingest = lambda.functions().find(({ asynchronous }) => asynchronous.onFailure);
  if (!ingest) throw toBrokenConnectionError('ingest → retained payloads', 'what cannot be stored goes nowhere');
  const { role } = ingest.latest.configuration;
  const bucket = ingest.asynchronous.onFailure ?? '';
  checkConnection('ingest → retained payloads', () => {
    iam.authorize({ principal: { role }, action: 's3:ListBucket', resource: bucket });
    iam.authorize({ principal: { role }, action: 's3:PutObject', resource: `${bucket}/aws/lambda`, policyOf: bucket });
  });
};

const checkToolsMayCallApi = ({ lambda, iam }: Cloud) => {
  const tools = lambda.functions().filter(({ name }) => name.includes('-tool-'));
  for (const { role, variables } of tools.map(({ latest }) => latest.configuration)) {
    if (!variables.API_FUNCTION) continue;
    const { arn: resource } = lambda.functionOf(variables.API_FUNCTION);
    checkConnection('tool → api', () =>
      iam.authorize({ principal: { role }, action: 'lambda:InvokeFunction', resource }),
    );
  }
};

/**
 * Asks whether the drill would be started, could make its alarms fire and could follow their messages. The drill
 * itself is not run: it would notify recipients, and its alarms take minutes.
 */
const checkDrill = ({ scheduler, iam }: Cloud, place: Place, drill: LambdaFunction) => {
  const { role, logging, variables } = drill.latest.configuration;
  const target = scheduler.targets().find(({ Arn }) => Arn === drill.arn);
  if (!target) throw toBrokenConnectionError('schedule → drill', 'there is no schedule');
  checkConnection('schedule → drill', () => scheduler.authorizeStart(target));
  checkConnection('drill → alarm', () => {
    const resource = arnOf(place, 'logs', `log-group:${logging.group}:log-stream:drill`);
    for (const action of ['logs:CreateLogStream', 'logs:PutLogEvents']) {
      iam.authorize({ principal: { role }, action, resource });
    }
  });
  const drilled: { topic?: string }[] = JSON.parse(variables.DRILLED ?? '[]');
  const topics = drilled.flatMap(({ topic }) => topic ?? []);
  if (topics.length > 0) {
    checkConnection('drill → metrics', () => {
      iam.authorize({ principal: { role }, action: 'cloudwatch:GetMetricData', resource: '*' });
    });
  }
  checkConnection('drill → recipients', () => {
    for (const resource of topics)
      iam.authorize({ principal: { role }, action: 'sns:ListSubscriptionsByTopic', resource });
  });
  checkConnection('drill → state', () => {
    const resource = arnOf(place, 'dynamodb', `table/${variables.STATE_TABLE}`);
    for (const action of ['dynamodb:GetItem', 'dynamodb:PutItem'])
      iam.authorize({ principal: { role }, action, resource });
  });
};

/**
 * Asks whether what alarms publish reaches the notifier, and whether it may publish to people; nothing is published.
 */
const checkNotifier = ({ iam, lambda, sns }: Cloud, place: Place): void => {
  const notifier = lambda.functions().find(({ latest }) => latest.configuration.variables.NOTIFY_TOPICS);
  if (!notifier) throw toBrokenConnectionError('topic → notifier', 'there is no notifier');
  const { role, variables } = notifier.latest.configuration;
  const topics: Record<string, { inbox: string; recipients: string }> = JSON.parse(variables.NOTIFY_TOPICS ?? '{}');
  for (const { inbox, recipients } of Object.values(topics)) {
    const name = inbox.split(':').at(-1);
    const queue = sns.report().find(({ topic, protocol }) => topic === name && protocol === 'sqs')?.endpoint;
    if (!queue) throw toBrokenConnectionError('topic → notifier', `no queue subscribes to ${name}`);
    checkConnection('topic → notifier', () => {
      const context = { 'aws:sourcearn': inbox, 'aws:sourceaccount': place.account };
      iam.authorize({
        principal: { service: 'sns.amazonaws.com' },
        action: 'sqs:SendMessage',
        resource: queue,
        context,
      });
      for (const action of ['sqs:ReceiveMessage', 'sqs:DeleteMessage']) {
        iam.authorize({ principal: { role }, action, resource: queue });
      }
    });
    checkConnection('notifier → topic', () => sns.authorize({ role }, recipients, {}));
  }
};

type Stage = 'payloads' | 'refresh' | 'retention' | 'completeness' | 'notify';
const STAGES: readonly Stage[] = ['payloads', 'refresh', 'retention', 'completeness', 'notify'];

/** The connection that a stage's failed run shows to be broken. */
const connectionBehind = (stage: Stage, why: string): Connection => {
  if (stage === 'payloads') return 'payloads → retained payloads';
  if (stage === 'notify') return 'notifier → state';
  if (stage !== 'completeness') return `${stage} → store`;
  return why.includes('cloudwatch:') ? 'completeness → metrics' : 'completeness → api';
};

/** Runs a stage once, as its schedule would. Resolves to what is broken, or to nothing. */
const runScheduledStage = async ({ scheduler }: Cloud, stage: Stage): Promise<string | undefined> => {
  const target = scheduler.targets().find(({ Arn }) => Arn.endsWith(`-${stage}`));
  const start: Connection = stage === 'notify' ? 'schedule → notifier' : `schedule → ${stage}`;
  if (!target) return describeBrokenConnection(start, 'there is no schedule');
  try {
    const { failed, payload } = await scheduler.runNow(target);
    if (!failed) return undefined;
    const why = errorMessageIn(payload);
    return describeBrokenConnection(connectionBehind(stage, why), why);
  } catch (error) {
    if (error instanceof AwsError) return describeBrokenConnection(start, error.message);
    throw error;
  }
};

/**
 * Checks the connections that the deployment's own smoke test cannot see. Resolves to the sentence that all
 * connections work, and rejects with the sentence that names the first broken one.
 */
export const checkConnections = async (cloud: Cloud, place: Place): Promise<string> => {
  checkAlarmsMayPublish(cloud, place);
  checkPayloadsMayBeRetained(cloud);
  checkToolsMayCallApi(cloud);
  checkNotifier(cloud, place);
  const drill = cloud.lambda.functions().find(({ latest }) => latest.configuration.variables.DRILLED);
  if (drill) checkDrill(cloud, place, drill);
  const broken = (await Promise.all(STAGES.map((stage) => runScheduledStage(cloud, stage)))).find(Boolean);
  if (broken) throw new Error(broken);
  const checked = CONNECTIONS.filter((connection) => drill || !connection.includes('drill'));
  return `All ${checked.length} connections work.`;
};

/**
 * Turns the error of a failed start into one that names the broken connection, where the error shows which one it is.
 */
export const explainStartFailure = (error: unknown): Error => {
  const { message } = error instanceof Error ? error : new Error(String(error));
  const sentence = /The connection .+ is broken: .+/s.exec(message)?.[0];
  if (sentence) return new Error(sentence, { cause: error });
  const refusal = /\S+ is not authorized to perform: lambda:InvokeFunction on resource: \S+-migrate\b.*/s.exec(message);
  if (refusal) return new Error(describeBrokenConnection('deployment → migrate', refusal[0]), { cause: error });
  const wrongClass = /a log group of the class \S+ feeds neither metrics nor subscriptions/.exec(message)?.[0];
  if (wrongClass) return new Error(describeBrokenConnection('log → metrics', wrongClass), { cause: error });
  const migrationError = /-migrate failed: (.+)/s.exec(message)?.[1];
  if (migrationError) return new Error(describeBrokenConnection('migrate → store', migrationError), { cause: error });
  return error instanceof Error ? error : new Error(message);
};
