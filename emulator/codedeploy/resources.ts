import * as z from 'zod';
import { MINUTE_MS } from '../clock.ts';
import { makeUpdatable, nameOf, type ResourceHandler, resourceHandler } from '../cloudformation/resource-handler.ts';
import { arnOf } from '../place.ts';
import type { CodeDeployState, Step } from './state.ts';

const SERVICE = 'codedeploy.amazonaws.com';

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

const createApplicationHandler = ({ place, applications }: CodeDeployState): ResourceHandler =>
  resourceHandler(applicationProperties, ({ ApplicationName }, declared) => {
    const name = ApplicationName ?? nameOf(declared);
    applications.add(name);
    return { ref: name, attributes: { Arn: arnOf(place, 'codedeploy', `application:${name}`) } };
  });

const createConfigHandler = ({ configs }: CodeDeployState): ResourceHandler =>
  makeUpdatable(
    resourceHandler(configProperties, ({ DeploymentConfigName, TrafficRoutingConfig }, declared) => {
      const name = DeploymentConfigName ?? nameOf(declared);
      configs.set(name, stepsOf(TrafficRoutingConfig));
      return { ref: name, remove: () => void configs.delete(name) };
    }),
  );

const createGroupHandler = ({ iam, applications, configs, groups }: CodeDeployState): ResourceHandler =>
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
        application: ApplicationName,
        role,
        config,
        alarms: AlarmConfiguration?.Enabled ? AlarmConfiguration.Alarms.map(({ Name }) => Name) : [],
        rollbackEvents: AutoRollbackConfiguration?.Enabled ? AutoRollbackConfiguration.Events : [],
      });
      return { ref: name, remove: () => void groups.delete(key) };
    }),
  );

/** Handlers for applications, deployment configs and deployment groups. */
export const createCodeDeployHandlers = (state: CodeDeployState) =>
  ({
    'AWS::CodeDeploy::Application': createApplicationHandler(state),
    'AWS::CodeDeploy::DeploymentConfig': createConfigHandler(state),
    'AWS::CodeDeploy::DeploymentGroup': createGroupHandler(state),
  }) satisfies Record<string, ResourceHandler>;
