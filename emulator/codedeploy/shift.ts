import { randomUUID } from 'node:crypto';
import type { Iam } from '../iam/iam.ts';
import { nameAndQualifier } from '../lambda/lambda.ts';
import type { Alias } from '../lambda/versions.ts';
import { arnOf } from '../place.ts';
import type { CodeDeployState, DeploymentGroup } from './state.ts';

/** What AWS's managed policy for CodeDeploy and Lambda allows on an alias. */
const ALIAS_ACTIONS = ['GetAlias', 'UpdateAlias', 'GetProvisionedConcurrencyConfig'].map(
  (action) => `lambda:${action}`,
);
/** How often alarms are checked while traffic shifts. */
const ALARM_CHECK_MS = 10_000;

export interface Shift {
  aliasArn: string;
  alias: Alias;
  /** The new version. */
  version: string;
  /** Aborted when another part of the deployment fails. */
  signal: AbortSignal;
}

/** A shift that stops, and the event of the group's `AutoRollbackConfiguration` that stands for the reason. */
class ShiftStopped extends Error {
  override name = 'ShiftStopped';
  readonly event: string;
  constructor(event: string, why: string) {
    super(why);
    this.event = event;
  }
}

const authorizeDescribeAlarms = (iam: Iam, role: string): void =>
  iam.authorize({ principal: { role }, action: 'cloudwatch:DescribeAlarms', resource: '*' });

const findFiringAlarms = ({ iam, alarms }: CodeDeployState, group: DeploymentGroup): string[] => {
  authorizeDescribeAlarms(iam, group.role);
  return alarms()
    .describe()
    .filter(({ name, state }) => group.alarms.includes(name) && state === 'ALARM')
    .map(({ name }) => name);
};

/** Waits until a time. Rejects with `ShiftStopped` when an alarm fires or the signal is aborted before. */
const watchUntil = async (
  state: CodeDeployState,
  group: DeploymentGroup,
  until: number,
  signal: AbortSignal,
): Promise<void> => {
  const { clock } = state;
  for (;;) {
    const firing = findFiringAlarms(state, group);
    if (firing.length > 0) throw new ShiftStopped('DEPLOYMENT_STOP_ON_ALARM', `${firing.join(' and ')} fired`);
    if (signal.aborted) {
      throw new ShiftStopped('DEPLOYMENT_STOP_ON_REQUEST', 'another part of the deployment failed');
    }
    const remainingMs = until - clock.now();
    if (remainingMs <= 0) return;
    await new Promise<void>((resolve) => clock.after(Math.min(remainingMs, ALARM_CHECK_MS), () => resolve()));
  }
};

/** Says on the event bus how one shift of a group is doing. */
const createSpeaker = ({ place, events }: CodeDeployState, { application, name }: DeploymentGroup) => {
  const id = randomUUID();
  const deploymentId = `d-${id.slice(0, 9).toUpperCase().replace('-', '')}`;
  return (state: 'START' | 'SUCCESS' | 'FAILURE' | 'STOP'): void =>
    events.put({
      source: 'aws.codedeploy',
      detailType: 'CodeDeploy Deployment State-change Notification',
      resources: [
        arnOf(place, 'codedeploy', `application:${application}`),
        arnOf(place, 'codedeploy', `deploymentgroup:${application}/${name}`),
      ],
      detail: {
        region: place.region,
        deploymentId,
        instanceGroupId: id,
        application,
        deploymentGroup: name,
        state,
      },
    });
};

/**
 * Shifts the calls of an alias to a new version in the steps of the group's deployment config. Rejects when one of the
 * group's alarms is firing or another part of the deployment fails; the previous version then receives all calls again
 * if the group rolls back on that event.
 */
export const shiftTraffic = async (
  state: CodeDeployState,
  group: DeploymentGroup,
  { aliasArn, alias, version, signal }: Shift,
): Promise<void> => {
  const { clock, iam, configs, onShift } = state;
  const previous = alias.version;
  const updateAlias = (change: Alias) => {
    iam.authorize({ principal: { role: group.role }, action: 'lambda:UpdateAlias', resource: aliasArn });
    Object.assign(alias, change);
  };
  const startedAt = clock.now();
  const say = createSpeaker(state, group);
  say('START');
  try {
    for (const { percent, afterMs } of configs.get(group.config) ?? []) {
      await watchUntil(state, group, startedAt + afterMs, signal);
      if (percent < 100) updateAlias({ version: previous, shifting: { version, weight: percent / 100 } });
      else updateAlias({ version, shifting: undefined });
      onShift(`${group.name}: version ${version} has ${percent} % of the calls`);
    }
    say('SUCCESS');
  } catch (cause) {
    say(cause instanceof ShiftStopped ? 'STOP' : 'FAILURE');
    if (!(cause instanceof ShiftStopped) || !group.rollbackEvents.includes(cause.event)) throw cause;
    updateAlias({ version: previous, shifting: undefined });
    onShift(`${group.name}: version ${previous} has all calls again, because ${cause.message}`);
    throw new Error(`version ${previous} of ${group.name} has all calls again, because ${cause.message}`, { cause });
  }
};

/** Throws, with the reason, if the group could not shift the traffic of this alias. */
export const checkGroup = ({ iam, alarms }: CodeDeployState, group: DeploymentGroup, aliasArn: string): void => {
  const { role } = group;
  const [, alias] = nameAndQualifier(aliasArn);
  if (!alias) throw new Error(`${aliasArn} is not an alias`);
  for (const action of ALIAS_ACTIONS) iam.authorize({ principal: { role }, action, resource: aliasArn });
  authorizeDescribeAlarms(iam, role);
  const existing = new Set(
    alarms()
      .describe()
      .map(({ name }) => name),
  );
  const missing = group.alarms.filter((name) => !existing.has(name));
  if (missing.length > 0) {
    throw new Error(`the deployment group ${group.name} watches alarms that do not exist: ${missing.join(', ')}`);
  }
};
