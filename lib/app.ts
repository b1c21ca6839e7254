import * as cdk from 'aws-cdk-lib';
import { CURRENTLY_RECOMMENDED_FLAGS } from 'aws-cdk-lib/cx-api';
import { AwsSolutionsChecks } from 'cdk-nag';
import { tools as listedTools } from '../lambdas/tools/index.ts';
import { AlarmAudit } from './alarm-audit.ts';
import { AppStack } from './app-stack.ts';
import { type Bundles, bundle } from './bundle.ts';
import { DataStack } from './data-stack.ts';
import { toolFunctionPrefix } from './deployment.ts';
import type { ListedTool } from './listed-tool.ts';
import { LogAudit } from './log-audit.ts';
import { findToolsSlowerThanEndpoint } from './settings/front-door-settings.ts';
import { InvalidSettings, type Settings } from './settings.ts';
import {
  findOverlongFunctionNames,
  findUnreadToolSettings,
  invalidToolDefinitions,
} from './tools/invalid-definitions.ts';

/** What a project begun today with the pinned CDK is given; but the data stack cannot lose what the app stack still uses. */
const FEATURES = { ...CURRENTLY_RECOMMENDED_FLAGS, '@aws-cdk/core:defaultCrossStackReferences': 'strong' };

export interface AppOptions {
  /** Where the cloud assembly is written; by default where the CDK's CLI wants it. */
  readonly outdir?: string;
  /** By default those of the list. */
  readonly tools?: readonly ListedTool[];
  /** By default made from the tree; whoever passes some keeps them. */
  readonly bundles?: Bundles;
}

/** The app, ready to `synth()`, without account, network or look-up. Throws `WrongSettings` for settings that cannot be deployed. */
export function buildApp(settings: Settings, { outdir, tools = listedTools, bundles }: AppOptions = {}): cdk.App {
  const app = new cdk.App({ ...(outdir ? { outdir } : {}), analyticsReporting: false, context: FEATURES });
  cdk.Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new AlarmAudit(), new LogAudit());
  const listed = tools.map(({ facts }) => facts);
  const wrong = [
    ...invalidToolDefinitions(listed),
    ...findUnreadToolSettings(settings.toolSettings, listed),
    ...findOverlongFunctionNames(toolFunctionPrefix({ settings }), listed),
    ...findToolsSlowerThanEndpoint(settings.frontDoor, tools),
  ];
  if (wrong.length > 0) throw new InvalidSettings(wrong.join('\n'));
  const made = bundles ?? bundle(tools);
  const deployment = { settings, tools, bundles: made, version: settings.version ?? made.version };
  const stack = {
    ...(settings.account && settings.region ? { env: { account: settings.account, region: settings.region } } : {}),
    tags: { service: settings.service, environment: settings.environment },
  };
  const name = settings.service.replaceAll(/(^|-)([a-z0-9])/g, (_, _hyphen, letter: string) => letter.toUpperCase());
  const data = new DataStack(app, `${name}Data`, { ...stack, settings, terminationProtection: true });
  new AppStack(app, `${name}App`, { ...stack, deployment, data });
  if (!bundles) made.dispose();
  const full = overfull(app);
  if (full.length > 0) throw new InvalidSettings(full.join('\n'));
  return app;
}

/** CloudFormation's own limit for a stack; nested ones are counted by themselves. */
const MOST_RESOURCES = 500;

const overfull = (app: cdk.App): string[] => {
  const sizes = new Map<cdk.Stack, number>();
  for (const one of app.node.findAll().filter((construct) => cdk.CfnResource.isCfnResource(construct))) {
    const stack = cdk.Stack.of(one);
    sizes.set(stack, (sizes.get(stack) ?? 0) + 1);
  }
  return [...sizes].flatMap(([stack, size]) =>
    size > MOST_RESOURCES
      ? [
          `Setting toolGroups: the stack ${stack.node.path} would hold ${size} resources, and CloudFormation takes ${MOST_RESOURCES}; write a larger number.`,
        ]
      : [],
  );
};
