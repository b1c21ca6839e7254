import * as z from 'zod';
import { makeUpdatable, type ResourceHandler, resourceHandler } from '../cloudformation/resource-handler.ts';
import type { CodeDeploy } from '../codedeploy/codedeploy.ts';
import type { Lambda } from './lambda.ts';
import { publish } from './versions.ts';

const updatePolicySchema = z
  .strictObject({
    CodeDeployLambdaAliasUpdate: z
      .strictObject({ ApplicationName: z.string(), DeploymentGroupName: z.string() })
      .optional(),
  })
  .prefault({});

const createVersionHandler = (lambda: Lambda): ResourceHandler =>
  makeUpdatable(
    resourceHandler(z.strictObject({ FunctionName: z.string() }), ({ FunctionName }, { previous }) => {
      if (previous) throw new Error('a version cannot be changed');
      const fn = lambda.functionOf(FunctionName);
      const number = publish(fn);
      const arn = `${fn.arn}:${number}`;
      return {
        ref: arn,
        attributes: { Version: number, FunctionArn: arn },
        remove: () => lambda.removeVersion(fn.name, number),
      };
    }),
  );

/** An alias with a deployment group moves to its next version by shifting traffic; any other moves immediately. */
const createAliasHandler = (lambda: Lambda, codeDeploy: CodeDeploy): ResourceHandler => {
  const neverAborted = new AbortController().signal;
  return makeUpdatable(
    resourceHandler(
      z.strictObject({ FunctionName: z.string(), FunctionVersion: z.string(), Name: z.string() }),
      async ({ FunctionName, FunctionVersion: version, Name }, { updatePolicy, signal = neverAborted }) => {
        const { arn, aliases } = lambda.functionOf(FunctionName);
        const aliasArn = `${arn}:${Name}`;
        const alias = aliases.get(Name);
        const { CodeDeployLambdaAliasUpdate: group } = updatePolicySchema.parse(updatePolicy);
        if (group) codeDeploy.check(group, aliasArn);
        if (!alias) aliases.set(Name, { version });
        else if (group && alias.version !== version) {
          await codeDeploy.shift(group, { aliasArn, alias, version, signal });
        }
        // A rollback comes here too, after a shift that stopped part-way: the version it shifted to will be removed.
        else Object.assign(alias, { version, shifting: undefined });
        return { ref: aliasArn, attributes: { AliasArn: aliasArn }, remove: () => void aliases.delete(Name) };
      },
    ),
  );
};

/** Handlers for the versions of functions and for their aliases. */
export const createVersionHandlers = (lambda: Lambda, codeDeploy: CodeDeploy) =>
  ({
    'AWS::Lambda::Version': createVersionHandler(lambda),
    'AWS::Lambda::Alias': createAliasHandler(lambda, codeDeploy),
  }) satisfies Record<string, ResourceHandler>;
