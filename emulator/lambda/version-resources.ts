import * as z from 'zod';
import { makeUpdatable, type ResourceHandler, resourceHandler } from '../cloudformation/resource-handler.ts';
import type { CodeDeploy } from '../codedeploy.ts';
import type { Lambda } from './lambda.ts';
import { publish } from './versions.ts';

const shiftPolicy = z
  .strictObject({
    CodeDeployLambdaAliasUpdate: z
      .strictObject({ ApplicationName: z.string(), DeploymentGroupName: z.string() })
      .optional(),
  })
  .prefault({});

/** Versions of functions and the aliases they go by. An alias with a deployment group goes to its next version by shifting calls. */
export const versionResources = (lambda: Lambda, codeDeploy: CodeDeploy) => {
  const never = new AbortController().signal;
  return {
    'AWS::Lambda::Version': makeUpdatable(
      resourceHandler(z.strictObject({ FunctionName: z.string() }), ({ FunctionName }, { was }) => {
        if (was) throw new Error('a version never changes');
        const fn = lambda.functionOf(FunctionName);
        const number = publish(fn);
        const arn = `${fn.arn}:${number}`;
        return {
          ref: arn,
          attributes: { Version: number, FunctionArn: arn },
          remove: () => lambda.removeVersion(fn.name, number),
        };
      }),
    ),

    'AWS::Lambda::Alias': makeUpdatable(
      resourceHandler(
        z.strictObject({ FunctionName: z.string(), FunctionVersion: z.string(), Name: z.string() }),
        async ({ FunctionName, FunctionVersion: version, Name }, { updatePolicy, stopped = never }) => {
          const { arn, aliases } = lambda.functionOf(FunctionName);
          const aliasArn = `${arn}:${Name}`;
          const alias = aliases.get(Name);
          const { CodeDeployLambdaAliasUpdate: by } = shiftPolicy.parse(updatePolicy);
          if (by) codeDeploy.check(by, aliasArn);
          if (!alias) aliases.set(Name, { version });
          else if (by && alias.version !== version) await codeDeploy.shift(by, { aliasArn, alias, version, stopped });
          // Also after a shift that stopped half-way: the version it went to is about to go.
          else Object.assign(alias, { version, shifting: undefined });
          return { ref: aliasArn, attributes: { AliasArn: aliasArn }, remove: () => void aliases.delete(Name) };
        },
      ),
    ),
  } satisfies Record<string, ResourceHandler>;
};
