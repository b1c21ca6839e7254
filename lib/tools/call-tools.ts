import * as cdk from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { LIVE } from '../../lambdas/contract/live.ts';
import { type Deployment, toolFunctionPrefix } from '../deployment.ts';
import { acknowledgeWildcard } from '../nag.ts';

/** Above this a pattern stands for them: a role's policies hold 10,240 characters, about 100 names of functions. */
const MAX_TOOLS_BY_NAME = 60;

function toolArnsOf(scope: Construct, deployment: Deployment): string[] {
  const prefix = toolFunctionPrefix(deployment);
  const { tools } = deployment;
  const names = tools.length > MAX_TOOLS_BY_NAME ? ['*'] : tools.map(({ facts }) => `${facts.name}:${LIVE}`);
  return names.map((name) =>
    cdk.Stack.of(scope).formatArn({
      service: 'lambda',
      resource: 'function',
      resourceName: `${prefix}${name}`,
      arnFormat: cdk.ArnFormat.COLON_RESOURCE_NAME,
    }),
  );
}

/** Allows a function below this construct to call the tools. */
export function allowToCallTools(scope: Construct, deployment: Deployment): iam.PolicyStatement {
  const resources = toolArnsOf(scope, deployment);
  for (const pattern of resources.filter((arn) => arn.endsWith('*'))) {
    const because = "Only tools' functions have such names, and a role has no room for so many of them.";
    acknowledgeWildcard(scope, pattern, because);
  }
  return new iam.PolicyStatement({ sid: 'CallTheTools', actions: ['lambda:InvokeFunction'], resources });
}
