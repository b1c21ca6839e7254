import * as z from 'zod';
import type { Alarms } from './alarms.ts';
import { nameOf, type Rule, rule } from './deploy.ts';
import type { Iam } from './iam.ts';
import { nameAndQualifier } from './lambda.ts';
import { arnOf, type Place } from './place.ts';

const SERVICE = 'codedeploy.amazonaws.com';

const groupProperties = z.object({
  ApplicationName: z.string(),
  DeploymentGroupName: z.string(),
  ServiceRoleArn: z.string(),
  AlarmConfiguration: z.object({ Alarms: z.array(z.object({ Name: z.string() })) }).optional(),
});

/** CodeDeploy asks for the state of each alarm before it shifts a call, and may shift only what its role lets it. */
interface Group {
  role: string;
  alarms: string[];
}

/**
 * How versions take over from each other. A run begins with the first version of everything, and a first version has all calls at
 * once: what is held against the template here is that a later one could be shifted to.
 */
export const createCodeDeploy = ({ place, iam, alarms }: { place: Place; iam: Iam; alarms: () => Alarms }) => {
  const groups = new Map<string, Group>();
  const applications = new Set<string>();

  return {
    /** An alias whose calls would be shifted. Throws, in words, when the group could not do it. */
    check: (application: string, group: string, aliasArn: string): void => {
      const found = groups.get(`${application}/${group}`);
      if (!found) throw new Error(`there is no deployment group ${group} of ${application}`);
      const principal = { role: found.role };
      const [, alias] = nameAndQualifier(aliasArn);
      if (!alias) throw new Error(`${aliasArn} is no alias`);
      for (const action of ['lambda:GetAlias', 'lambda:UpdateAlias']) {
        iam.authorize({ principal, action, resource: aliasArn });
      }
      iam.authorize({ principal, action: 'cloudwatch:DescribeAlarms', resource: '*' });
      const known = new Set(
        alarms()
          .describe()
          .map(({ name }) => name),
      );
      const missing = found.alarms.filter((name) => !known.has(name));
      if (missing.length > 0)
        throw new Error(`the deployment group ${group} waits for alarms that are not there: ${missing.join(', ')}`);
    },

    rules: {
      'AWS::CodeDeploy::Application': rule(
        z.object({ ApplicationName: z.string().optional(), ComputePlatform: z.literal('Lambda') }),
        ({ ApplicationName }, declared) => {
          const name = ApplicationName ?? nameOf(declared);
          applications.add(name);
          return { ref: name, attributes: { Arn: arnOf(place, 'codedeploy', `application:${name}`) } };
        },
      ),
      'AWS::CodeDeploy::DeploymentConfig': rule(
        z.object({ DeploymentConfigName: z.string().optional(), ComputePlatform: z.literal('Lambda') }),
        ({ DeploymentConfigName }, declared) => ({ ref: DeploymentConfigName ?? nameOf(declared) }),
      ),
      'AWS::CodeDeploy::DeploymentGroup': rule(groupProperties, (properties) => {
        const { ApplicationName, DeploymentGroupName, ServiceRoleArn, AlarmConfiguration } = properties;
        if (!applications.has(ApplicationName)) throw new Error(`there is no application ${ApplicationName}`);
        iam.assume(ServiceRoleArn, SERVICE);
        groups.set(`${ApplicationName}/${DeploymentGroupName}`, {
          role: ServiceRoleArn,
          alarms: AlarmConfiguration?.Alarms.map(({ Name }) => Name) ?? [],
        });
        return { ref: DeploymentGroupName };
      }),
    } satisfies Record<string, Rule>,
  };
};
