import * as z from 'zod';
import type { Clock } from './clock.ts';
import { makeUpdatable, nameOf, type ResourceHandler, resourceHandler } from './cloudformation/resource-handler.ts';
import type { Alarms } from './cloudwatch/alarms.ts';
import type { Iam } from './iam/iam.ts';
import { nameAndQualifier } from './lambda/lambda.ts';
import type { Alias } from './lambda/versions.ts';
import { arnOf, type Place } from './place.ts';

const SERVICE = 'codedeploy.amazonaws.com';
/** What AWS's managed policy for CodeDeploy and Lambda allows on an alias. */
const ALIAS_ACTIONS = ['GetAlias', 'UpdateAlias', 'GetProvisionedConcurrencyConfig'].map(
  (action) => `lambda:${action}`,
);
/** How often alarms are checked while traffic shifts. */
const ALARM_CHECK_MS = 10_000;
const MINUTE_MS = 60_000;

const trafficRouting = z.discriminatedUnion('Type', [
  z.strictObject({
    Type: z.literal('TimeBasedCanary'),
    TimeBasedCanary: z.strictObject({ CanaryPercentage: z.number(), CanaryInterval: z.number() }),
  }),
  z.strictObject({
    Type: z.literal('TimeBasedLinear'),
    TimeBasedLinear: z.strictObject({ LinearPercentage: z.number(), LinearInterval: z.number() }),
  }),
]);

const applicationProperties = z.object({
  ApplicationName: z.string().optional(),
  ComputePlatform: z.literal('Lambda'),
});
const configProperties = z.strictObject({
  DeploymentConfigName: z.string().optional(),
  ComputePlatform: z.literal('Lambda'),
  TrafficRoutingConfig: trafficRouting,
});
const groupProperties = z.strictObject({
  ApplicationName: z.string(),
  DeploymentGroupName: z.string(),
  DeploymentConfigName: z.string(),
  DeploymentStyle: z.strictObject({
    DeploymentOption: z.literal('WITH_TRAFFIC_CONTROL'),
    DeploymentType: z.literal('BLUE_GREEN'),
  }),
  ServiceRoleArn: z.string(),
  AlarmConfiguration: z
    .strictObject({ Alarms: z.array(z.strictObject({ Name: z.string() })), Enabled: z.boolean() })
    .optional(),
  AutoRollbackConfiguration: z.strictObject({ Enabled: z.boolean(), Events: z.array(z.string()) }).optional(),
});

/** The share of the calls that the new version receives, from a time after the start of the shift. */
interface Step {
  percent: number;
  afterMs: number;
}

/** The steps of a shift: the first begins immediately, and the last is 100 %. */
const stepsOf = (routing: z.output<typeof trafficRouting>): Step[] => {
  if (routing.Type === 'TimeBasedCanary') {
    const { CanaryPercentage, CanaryInterval } = routing.TimeBasedCanary;
    return [
      { percent: CanaryPercentage, afterMs: 0 },
      { percent: 100, afterMs: CanaryInterval * MINUTE_MS },
    ];
  }
  const { LinearPercentage, LinearInterval } = routing.TimeBasedLinear;
  return Array.from({ length: Math.ceil(100 / LinearPercentage) }, (_, index) => ({
    percent: Math.min(100, (index + 1) * LinearPercentage),
    afterMs: index * LinearInterval * MINUTE_MS,
  }));
};

interface DeploymentGroup {
  name: string;
  role: string;
  /** The name of its deployment config. */
  config: string;
  alarms: string[];
  /** The events that make CodeDeploy roll back automatically: `DEPLOYMENT_STOP_ON_ALARM`, … */
  rollbackEvents: string[];
}

interface GroupReference {
  ApplicationName: string;
  DeploymentGroupName: string;
}

interface Shift {
  aliasArn: string;
  alias: Alias;
  /** The new version. */
  version: string;
  /** Aborted when another part of the deployment fails. */
  signal: AbortSignal;
}

interface CodeDeployOptions {
  place: Place;
  clock: Clock;
  iam: Iam;
  alarms: () => Alarms;
  /** Receives a sentence at each step of a shift. */
  onShift: (sentence: string) => void;
}

interface CodeDeployState extends CodeDeployOptions {
  applications: Set<string>;
  /** By name. */
  configs: Map<string, Step[]>;
  /** By application and name. */
  groups: Map<string, DeploymentGroup>;
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

const findGroup = (
  { groups }: CodeDeployState,
  { ApplicationName, DeploymentGroupName }: GroupReference,
): DeploymentGroup => {
  const group = groups.get(`${ApplicationName}/${DeploymentGroupName}`);
  if (group) return group;
  throw new Error(`there is no deployment group ${DeploymentGroupName} of ${ApplicationName}`);
};

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

const shiftTraffic = async (
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
  try {
    for (const { percent, afterMs } of configs.get(group.config) ?? []) {
      await watchUntil(state, group, startedAt + afterMs, signal);
      if (percent < 100) updateAlias({ version: previous, shifting: { version, weight: percent / 100 } });
      else updateAlias({ version, shifting: undefined });
      onShift(`${group.name}: version ${version} has ${percent} % of the calls`);
    }
  } catch (cause) {
    if (!(cause instanceof ShiftStopped) || !group.rollbackEvents.includes(cause.event)) throw cause;
    updateAlias({ version: previous, shifting: undefined });
    onShift(`${group.name}: version ${previous} has all calls again, because ${cause.message}`);
    throw new Error(`version ${previous} of ${group.name} has all calls again, because ${cause.message}`, { cause });
  }
};

const checkGroup = ({ iam, alarms }: CodeDeployState, group: DeploymentGroup, aliasArn: string): void => {
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

const applicationHandler = ({ place, applications }: CodeDeployState): ResourceHandler =>
  resourceHandler(applicationProperties, ({ ApplicationName }, declared) => {
    const name = ApplicationName ?? nameOf(declared);
    applications.add(name);
    return { ref: name, attributes: { Arn: arnOf(place, 'codedeploy', `application:${name}`) } };
  });

const configHandler = ({ configs }: CodeDeployState): ResourceHandler =>
  makeUpdatable(
    resourceHandler(configProperties, ({ DeploymentConfigName, TrafficRoutingConfig }, declared) => {
      const name = DeploymentConfigName ?? nameOf(declared);
      configs.set(name, stepsOf(TrafficRoutingConfig));
      return { ref: name, remove: () => void configs.delete(name) };
    }),
  );

const groupHandler = ({ iam, applications, configs, groups }: CodeDeployState): ResourceHandler =>
  makeUpdatable(
    resourceHandler(groupProperties, (properties) => {
      const { ApplicationName, DeploymentGroupName: name, DeploymentConfigName: config } = properties;
      const { ServiceRoleArn: role, AlarmConfiguration, AutoRollbackConfiguration } = properties;
      if (!applications.has(ApplicationName)) throw new Error(`there is no application ${ApplicationName}`);
      if (!configs.has(config)) throw new Error(`there is no deployment config ${config}`);
      iam.assume(role, SERVICE);
      const key = `${ApplicationName}/${name}`;
      groups.set(key, {
        name,
        role,
        config,
        alarms: AlarmConfiguration?.Enabled ? AlarmConfiguration.Alarms.map(({ Name }) => Name) : [],
        rollbackEvents: AutoRollbackConfiguration?.Enabled ? AutoRollbackConfiguration.Events : [],
      });
      return { ref: name, remove: () => void groups.delete(key) };
    }),
  );

/** Shifts the traffic of aliases from one version to the next. */
export const createCodeDeploy = (options: CodeDeployOptions) => {
  const state: CodeDeployState = { ...options, applications: new Set(), configs: new Map(), groups: new Map() };
  return {
    /** Throws, with the reason, if the group could not shift the traffic of this alias. */
    check: (reference: GroupReference, aliasArn: string): void =>
      checkGroup(state, findGroup(state, reference), aliasArn),

    /**
     * Shifts the calls of an alias to a new version as the group's deployment config says. Rejects when one of the
     * group's alarms is firing or another part of the deployment fails; the previous version then receives all calls
     * again if the group rolls back on that event.
     */
    shift: async (reference: GroupReference, shift: Shift): Promise<void> =>
      shiftTraffic(state, findGroup(state, reference), shift),

    handlers: {
      'AWS::CodeDeploy::Application': applicationHandler(state),
      'AWS::CodeDeploy::DeploymentConfig': configHandler(state),
      'AWS::CodeDeploy::DeploymentGroup': groupHandler(state),
    } satisfies Record<string, ResourceHandler>,
  };
};

export type CodeDeploy = ReturnType<typeof createCodeDeploy>;
