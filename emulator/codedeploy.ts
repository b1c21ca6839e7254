import * as z from 'zod';
import type { Clock } from './clock.ts';
import { makeUpdatable, nameOf, type ResourceHandler, resourceHandler } from './cloudformation/resource-handler.ts';
import type { Alarms } from './cloudwatch/alarms.ts';
import type { Iam } from './iam/iam.ts';
import { nameAndQualifier } from './lambda/lambda.ts';
import type { Alias } from './lambda/versions.ts';
import { arnOf, type Place } from './place.ts';

const SERVICE = 'codedeploy.amazonaws.com';
/** What AWS's managed policy for this lets it do to an alias. */
const ALIAS_ACTIONS = ['GetAlias', 'UpdateAlias', 'GetProvisionedConcurrencyConfig'].map(
  (action) => `lambda:${action}`,
);
/** How often alarms are asked for while calls shift. */
const LOOK_MS = 10_000;

const routing = z.discriminatedUnion('Type', [
  z.strictObject({
    Type: z.literal('TimeBasedCanary'),
    TimeBasedCanary: z.strictObject({ CanaryPercentage: z.number(), CanaryInterval: z.number() }),
  }),
  z.strictObject({
    Type: z.literal('TimeBasedLinear'),
    TimeBasedLinear: z.strictObject({ LinearPercentage: z.number(), LinearInterval: z.number() }),
  }),
]);

/** So many percent of the calls, so many milliseconds after the beginning. */
interface Step {
  percent: number;
  afterMs: number;
}

/** The first part goes at once; the last step is all of it. */
const stepsOf = (pace: z.output<typeof routing>): Step[] => {
  if (pace.Type === 'TimeBasedCanary') {
    const { CanaryPercentage, CanaryInterval } = pace.TimeBasedCanary;
    return [
      { percent: CanaryPercentage, afterMs: 0 },
      { percent: 100, afterMs: CanaryInterval * 60_000 },
    ];
  }
  const { LinearPercentage, LinearInterval } = pace.TimeBasedLinear;
  return Array.from({ length: Math.ceil(100 / LinearPercentage) }, (_, at) => ({
    percent: Math.min(100, (at + 1) * LinearPercentage),
    afterMs: at * LinearInterval * 60_000,
  }));
};

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

interface Group {
  name: string;
  role: string;
  /** The name of its deployment config. */
  pace: string;
  alarms: string[];
  /** Why calls go back by themselves: `DEPLOYMENT_STOP_ON_ALARM`, … */
  goesBackOn: string[];
}

interface Which {
  ApplicationName: string;
  DeploymentGroupName: string;
}

interface Shift {
  aliasArn: string;
  alias: Alias;
  /** The version that takes over. */
  version: string;
  stopped: AbortSignal;
}

interface CodeDeployOptions {
  place: Place;
  clock: Clock;
  iam: Iam;
  alarms: () => Alarms;
  /** Hears how far a shift is, in words. */
  onShift: (words: string) => void;
}

/** How versions take over from each other. */
export const createCodeDeploy = ({ place, clock, iam, alarms, onShift }: CodeDeployOptions) => {
  const groups = new Map<string, Group>();
  const paces = new Map<string, Step[]>();
  const applications = new Set<string>();

  const groupOf = ({ ApplicationName, DeploymentGroupName }: Which): Group => {
    const found = groups.get(`${ApplicationName}/${DeploymentGroupName}`);
    if (found) return found;
    throw new Error(`there is no deployment group ${DeploymentGroupName} of ${ApplicationName}`);
  };

  const firing = ({ role, alarms: names }: Group): string[] => {
    iam.authorize({ principal: { role }, action: 'cloudwatch:DescribeAlarms', resource: '*' });
    return alarms()
      .describe()
      .filter(({ name, state }) => names.includes(name) && state === 'ALARM')
      .map(({ name }) => name);
  };

  /** Rejects when an alarm fires or the deployment is stopped before the time is up. */
  const watch = async (group: Group, until: number, stopped: AbortSignal): Promise<void> => {
    for (;;) {
      const on = firing(group);
      if (on.length > 0) throw new Stopped('DEPLOYMENT_STOP_ON_ALARM', `${on.join(' and ')} fired`);
      if (stopped.aborted) throw new Stopped('DEPLOYMENT_STOP_ON_REQUEST', 'another part of the deployment failed');
      const left = until - clock.now();
      if (left <= 0) return;
      await new Promise<void>((resolve) => clock.after(Math.min(left, LOOK_MS), () => resolve()));
    }
  };

  return {
    /** An alias whose calls are to be shifted. Throws, in words, when the group could not do it. */
    check: (which: Which, aliasArn: string): void => {
      const group = groupOf(which);
      const principal = { role: group.role };
      const [, alias] = nameAndQualifier(aliasArn);
      if (!alias) throw new Error(`${aliasArn} is no alias`);
      for (const action of ALIAS_ACTIONS) {
        iam.authorize({ principal, action, resource: aliasArn });
      }
      iam.authorize({ principal, action: 'cloudwatch:DescribeAlarms', resource: '*' });
      const known = new Set(
        alarms()
          .describe()
          .map(({ name }) => name),
      );
      const missing = group.alarms.filter((name) => !known.has(name));
      if (missing.length > 0) {
        throw new Error(
          `the deployment group ${group.name} waits for alarms that are not there: ${missing.join(', ')}`,
        );
      }
    },

    /**
     * Gives a new version the calls of an alias at the group's pace. When one of its alarms fires, or has fired already, or
     * another part of the deployment fails, the version before has all calls again, and this rejects.
     */
    shift: async (which: Which, { aliasArn, alias, version, stopped }: Shift): Promise<void> => {
      const group = groupOf(which);
      const before = alias.version;
      const set = (change: Alias) => {
        iam.authorize({ principal: { role: group.role }, action: 'lambda:UpdateAlias', resource: aliasArn });
        Object.assign(alias, change);
      };
      const began = clock.now();
      try {
        for (const { percent, afterMs } of paces.get(group.pace) ?? []) {
          await watch(group, began + afterMs, stopped);
          if (percent < 100) set({ version: before, shifting: { version, weight: percent / 100 } });
          else set({ version, shifting: undefined });
          onShift(`${group.name}: version ${version} has ${percent} % of the calls`);
        }
      } catch (cause) {
        if (!(cause instanceof Stopped)) throw cause;
        if (!group.goesBackOn.includes(cause.event)) throw cause;
        set({ version: before, shifting: undefined });
        onShift(`${group.name}: version ${before} has all calls again, for ${cause.message}`);
        throw new Error(`version ${before} of ${group.name} has all calls again, for ${cause.message}`, { cause });
      }
    },

    rules: {
      'AWS::CodeDeploy::Application': resourceHandler(
        z.object({ ApplicationName: z.string().optional(), ComputePlatform: z.literal('Lambda') }),
        ({ ApplicationName }, declared) => {
          const name = ApplicationName ?? nameOf(declared);
          applications.add(name);
          return { ref: name, attributes: { Arn: arnOf(place, 'codedeploy', `application:${name}`) } };
        },
      ),
      'AWS::CodeDeploy::DeploymentConfig': makeUpdatable(
        resourceHandler(
          z.strictObject({
            DeploymentConfigName: z.string().optional(),
            ComputePlatform: z.literal('Lambda'),
            TrafficRoutingConfig: routing,
          }),
          ({ DeploymentConfigName, TrafficRoutingConfig }, declared) => {
            const name = DeploymentConfigName ?? nameOf(declared);
            paces.set(name, stepsOf(TrafficRoutingConfig));
            return { ref: name, remove: () => void paces.delete(name) };
          },
        ),
      ),
      'AWS::CodeDeploy::DeploymentGroup': makeUpdatable(
        resourceHandler(groupProperties, (properties) => {
          const { ApplicationName, DeploymentGroupName: name, DeploymentConfigName, ServiceRoleArn } = properties;
          const { AlarmConfiguration, AutoRollbackConfiguration } = properties;
          if (!applications.has(ApplicationName)) throw new Error(`there is no application ${ApplicationName}`);
          if (!paces.has(DeploymentConfigName))
            throw new Error(`there is no deployment config ${DeploymentConfigName}`);
          iam.assume(ServiceRoleArn, SERVICE);
          const key = `${ApplicationName}/${name}`;
          groups.set(key, {
            name,
            role: ServiceRoleArn,
            pace: DeploymentConfigName,
            alarms: AlarmConfiguration?.Enabled ? AlarmConfiguration.Alarms.map(({ Name }) => Name) : [],
            goesBackOn: AutoRollbackConfiguration?.Enabled ? AutoRollbackConfiguration.Events : [],
          });
          return { ref: name, remove: () => void groups.delete(key) };
        }),
      ),
    } satisfies Record<string, ResourceHandler>,
  };
};

export type CodeDeploy = ReturnType<typeof createCodeDeploy>;

/** A shift that goes no further, and the event of the group's settings that says so. */
class Stopped extends Error {
  override name = 'Stopped';
  readonly event: string;
  constructor(event: string, why: string) {
    super(why);
    this.event = event;
  }
}
