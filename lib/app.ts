import * as cdk from 'aws-cdk-lib';
import { CURRENTLY_RECOMMENDED_FLAGS } from 'aws-cdk-lib/cx-api';
import { AwsSolutionsChecks } from 'cdk-nag';
import { tools as listedTools } from '../lambdas/tools/index.ts';
import { AlarmAudit } from './alarm-audit.ts';
import { AppStack } from './app-stack.ts';
import { type Bundles, bundle } from './bundle.ts';
import { DataStack } from './data-stack.ts';
import { findMissingAuthority } from './database/authorities.ts';
import { findUnknownVersion } from './database/engine-version.ts';
import { toolFunctionPrefix } from './deployment.ts';
import { stackPrefixOf } from './deployment-name.ts';
import { findHookProblems } from './hooks/hook-problems.ts';
import type { ListedTool } from './listed-tool.ts';
import { LogAudit } from './log-audit.ts';
import { emittersOf } from './metric-audit/emitters.ts';
import { findMetricProblems } from './metric-audit/metric-problems.ts';
import { applyOrganizationRules } from './organization/rules.ts';
import { findMissingInRegion } from './region-audit.ts';
import { findUnknownInChannels } from './settings/alert-channel-settings.ts';
import { findToolsSlowerThanEndpoint } from './settings/front-door-settings.ts';
import { labelTools } from './settings/label-settings.ts';
import { InvalidSettings, type Settings } from './settings.ts';
import {
  findMissingToolSettings,
  findOverlongFunctionNames,
  findUnreadToolSettings,
  invalidToolDefinitions,
} from './tools/invalid-definitions.ts';
import { findInvalidFacts } from './tools/invalid-facts.ts';
import { findPermissionProblems } from './tools/tool-permissions.ts';
import { findSecretProblems } from './tools/tool-secrets.ts';
import { findUnlistedFiles } from './tools/unlisted-files.ts';

/**
 * The CDK's recommended flags of its pinned version, as in a new project. But exports between stacks stay strong, so
 * that CloudFormation refuses to remove from the data stack what the app stack still uses.
 */
const FEATURES = { ...CURRENTLY_RECOMMENDED_FLAGS, '@aws-cdk/core:defaultCrossStackReferences': 'strong' };

export interface AppOptions {
  /** Where the cloud assembly is written. Default: where the CDK's CLI expects it. */
  readonly outdir?: string;
  /** Default: the list of tools. */
  readonly tools?: readonly ListedTool[];
  /** Default: built from the source tree. Bundles that are passed in are not disposed of. */
  readonly bundles?: Bundles;
  /**
   * Whether the CDK compares the templates with CloudFormation's schemas, which takes seconds. Default: `true`; `false` is
   * for templates that CloudFormation never sees.
   */
  readonly comparesWithSchemas?: boolean;
}

/**
 * The app, ready to `synth()`, without account, network or look-up. Throws `InvalidSettings` for settings that cannot
 * be deployed.
 */
export function buildApp(
  settings: Settings,
  { outdir, tools = listedTools, bundles, comparesWithSchemas = true }: AppOptions = {},
): cdk.App {
  const app = new cdk.App({
    ...(outdir ? { outdir } : {}),
    analyticsReporting: false,
    builtinCloudFormationValidation: comparesWithSchemas,
    // Under its CLI the CDK would synthesize again at the end of the process, and end it with a stack trace.
    autoSynth: false,
    context: FEATURES,
  });
  cdk.Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new AlarmAudit(), new LogAudit());
  const facts = tools.map((tool) => tool.facts);
  throwProblems([
    ...(tools === listedTools ? findUnlistedFiles(tools) : []),
    ...invalidToolDefinitions(facts),
    ...findInvalidFacts(facts),
    ...findMissingToolSettings(settings.toolSettings, facts),
    ...findUnreadToolSettings(settings.toolSettings, facts),
    ...findSecretProblems(facts, settings),
    ...findPermissionProblems(facts),
    ...findHookProblems(settings, facts),
    ...findUnknownInChannels(settings.alerts.channels, {
      tools: facts.map(({ name }) => name),
      providers: facts.flatMap(({ provider }) => provider ?? []),
      secrets: facts.flatMap(({ secrets = [] }) => secrets),
    }),
    ...findOverlongFunctionNames(toolFunctionPrefix({ settings }), facts),
    ...findToolsSlowerThanEndpoint(settings.frontDoor, tools),
    ...findUnknownVersion(settings.database),
    ...(settings.region ? findMissingAuthority(settings.region, settings.database.caFile) : []),
  ]);
  const built = bundles ?? bundle(tools, { caFile: settings.database.caFile });
  const labelled = labelTools(tools, settings.labelRules);
  const deployment = { settings, tools: labelled, bundles: built, version: settings.version ?? built.version };
  const stack = {
    ...(settings.account && settings.region ? { env: { account: settings.account, region: settings.region } } : {}),
    // CloudFormation gives them to everything that can have tags, also to what it makes by itself.
    tags: { ...settings.tags, service: settings.service, environment: settings.environment },
  };
  const name = stackPrefixOf(settings);
  const data = new DataStack(app, `${name}Data`, { ...stack, settings, tools, terminationProtection: true });
  new AppStack(app, `${name}App`, { ...stack, deployment, data });
  applyOrganizationRules(app, settings);
  app.node.addValidation({
    validate: () =>
      findMetricProblems(
        app,
        emittersOf(
          settings,
          labelled.map((tool) => tool.facts),
        ),
      ),
  });
  if (!bundles) built.dispose();
  throwProblems(findOversizedStacks(app));
  return app;
}

/**
 * Writes the app's assembly and returns its folder. Throws `InvalidSettings` for settings that cannot be deployed, also
 * when what they ask for does not exist in their region.
 */
export function synthesizeApp(settings: Settings, options?: AppOptions): string {
  const app = buildApp(settings, options);
  try {
    return app.synth().directory;
  } catch (error) {
    // Of other errors there is no report, but there may be one of an earlier synthesis.
    if (error instanceof Error && error.name === 'ValidationFailed') throwProblems(findMissingInRegion(app.outdir));
    throw error;
  }
}

function throwProblems(problems: readonly string[]): void {
  if (problems.length > 0) throw new InvalidSettings(problems.join('\n'));
}

/** CloudFormation's limit for a stack. Nested stacks count separately. */
const MAX_RESOURCES = 500;

function findOversizedStacks(app: cdk.App): string[] {
  const sizes = new Map<cdk.Stack, number>();
  for (const resource of app.node.findAll().filter((construct) => cdk.CfnResource.isCfnResource(construct))) {
    const stack = cdk.Stack.of(resource);
    sizes.set(stack, (sizes.get(stack) ?? 0) + 1);
  }
  return [...sizes]
    .filter(([, size]) => size > MAX_RESOURCES)
    .map(
      ([stack, size]) =>
        `Setting toolGroups: the stack ${stack.node.path} would have ${size} resources, ` +
        `and CloudFormation allows ${MAX_RESOURCES}; write a larger number.`,
    );
}
