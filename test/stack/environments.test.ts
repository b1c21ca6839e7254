import * as cdk from 'aws-cdk-lib';
import * as logs from 'aws-cdk-lib/aws-logs';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { deploymentNameOf } from '../../lib/deployment-name.ts';
import { InvalidSettings, type SettingsInput, settingsFrom } from '../../lib/settings.ts';
import { aFunction, aTool as aToolOf, ELSEWHERE, HERE } from '../support/existing-app.ts';
import { addStoreLocation, observeShop, synthesizeApp } from '../support/shop-stack.ts';
import { aTool, emptyBundles, ofType, type Resource, synthesize, type Template } from '../support/synthesized.ts';

vi.mock('../../lib/bundle.ts', async (original) => ({
  ...(await original<typeof import('../../lib/bundle.ts')>()),
  bundle: () => emptyBundles(),
}));

const jwt = { issuer: 'https://issuer.example.com/', audience: ['toolwatch'], scopes: ['call'] };
/** Settings with which everything is deployed that has a name. */
const EVERYTHING = {
  frontDoor: { kind: 'http-api', jwt },
  rollout: { kind: 'canary', percent: 10, everyMinutes: 40 },
  database: { proxy: true },
  alarms: { callerFaultShift: true },
  alerts: { critical: { emails: ['a@example.com'], https: ['https://pager.example.com'] } },
  topicEncryption: 'key',
  queues: [{ name: 'orders' }],
  probes: [{ name: 'redis' }],
  checks: [{ kind: 'http', name: 'shop_api', url: 'https://shop.example.com/ping' }],
  mutes: [{ name: 'night', reason: 'backup', at: 'cron(0 2 * * *)', minutes: 60, alarms: ['tool/*/slow'] }],
} as const satisfies SettingsInput;
const tools = [aTool({ provider: 'shop', secrets: ['SHOP_KEY'] }), aTool({ name: 'place_order', asksApi: true })];
const deploy = (settings: SettingsInput) => synthesize({ ...EVERYTHING, ...settings }, tools);

/** Names that only have to be unique in something that is itself one of a deployment's, and AWS's own. */
const NAMES_WITHIN = [
  'AWS::ApiGatewayV2::Authorizer Name',
  'AWS::ApiGatewayV2::Stage StageName',
  'AWS::CodeDeploy::DeploymentGroup DeploymentGroupName',
  'AWS::CloudWatch::Alarm MetricName',
  'AWS::EC2::VPCEndpoint ServiceName',
  'AWS::Lambda::Alias Name',
  'AWS::Logs::MetricFilter FilterName',
  'AWS::Logs::SubscriptionFilter FilterName',
  'AWS::RDS::DBInstance DBName',
  'AWS::RDS::DBProxyTargetGroup TargetGroupName',
];

const refersTo = (value: unknown): boolean =>
  /"(Ref|Fn::GetAtt|Fn::ImportValue)":(?!"AWS::)/.test(JSON.stringify(value));
const namesOf = ({ Type, Properties = {} }: Resource): string[] =>
  Object.entries(Properties)
    .filter(([key, value]) => /Name$/.test(key) && !refersTo(value))
    .filter(([key]) => !NAMES_WITHIN.includes(`${Type} ${key}`))
    .map(([key, value]) => `${Type} ${key} ${JSON.stringify(value)}`);
/** Every name that a deployment gives, of stacks, resources and exports. */
const allNames = (templates: Record<string, Template>): string[] =>
  Object.entries(templates).flatMap(([stack, { Resources, Outputs = {} }]) => [
    `stack ${stack}`,
    ...Object.values(Resources).flatMap(namesOf),
    ...Object.values(Outputs).flatMap((output) => (output.Export ? [`export ${output.Export.Name}`] : [])),
  ]);

/** The `service` of every metric that alarms and dashboards read, and of every line that functions write. */
const servicesOf = (templates: Record<string, Template>): string[] => {
  const text = JSON.stringify(Object.values(templates).map(({ Resources }) => Resources)).replaceAll('\\', '');
  const patterns = [
    /"Name":"service","Value":"([^"]+)"/g,
    /WHERE service = '([^']+)'/g,
    /"service","(?!Value"|Type")([^"]+)"/g,
    /"POWERTOOLS_SERVICE_NAME":"([^"]+)"/g,
    /"service":"([^"]+)","request_id"/g,
  ];
  const found = patterns.map((pattern) => [...text.matchAll(pattern)].map(([, service = '']) => service));
  for (const [index, services] of found.entries()) expect(services, `${patterns[index]}`).not.toEqual([]);
  return [...new Set(found.flat())];
};

describe('two environments of one service', () => {
  const production = deploy({});
  const staging = deploy({ environment: 'staging' });

  test('have no name in common', () => {
    const names = new Set(allNames(production.templates));
    expect(names.size).toBeGreaterThan(80);
    expect(allNames(staging.templates).filter((name) => names.has(name))).toEqual([]);
  });

  test('have no metric in common', () => {
    expect(servicesOf(production.templates)).toEqual(['toolwatch']);
    expect(servicesOf(staging.templates)).toEqual(['toolwatch-staging']);
  });

  test('differ on every line and by their tags, under one service', () => {
    const variables = ofType(staging.resources, 'AWS::Lambda::Function').flatMap(
      ({ Properties }) => Properties.Environment?.Variables?.TOOLWATCH_ENVIRONMENT ?? [],
    );
    expect(new Set(variables)).toEqual(new Set(['staging']));
  });

  test('the one called production has the names that it had before there was another', () => {
    expect(Object.keys(production.templates)).toEqual(expect.arrayContaining(['ToolwatchApp', 'ToolwatchData']));
    expect(allNames(production.templates)).toEqual(
      expect.arrayContaining([
        'AWS::Lambda::Function FunctionName "toolwatch-tool-order_status"',
        'AWS::Logs::LogGroup LogGroupName "/toolwatch/calls"',
        'AWS::CloudWatch::Alarm AlarmName "pipeline/lines-malformed"',
      ]),
    );
  });

  test('keep the names of before where deploymentName says so', () => {
    const same = deploy({ environment: 'staging', deploymentName: 'toolwatch' });
    expect(allNames(same.templates)).toEqual(allNames(production.templates));
  });
});

test('in two regions of one account, what an account has once is named by its region', () => {
  const { account } = HERE;
  const [here, there] = [HERE, ELSEWHERE].map(({ region }) => allNames(deploy({ account, region }).templates));
  const inAccount = (names: string[] = []) => names.filter((name) => /^AWS::(CloudWatch::Dashboard|IAM|S3)/.test(name));
  expect(inAccount(here)).toEqual(['AWS::CloudWatch::Dashboard DashboardName "toolwatch-eu-central-1"']);
  expect(inAccount(there)).toEqual(['AWS::CloudWatch::Dashboard DashboardName "toolwatch-us-east-1"']);
});

describe('names of deployments that read the same', () => {
  const parametersOf = (settings: SettingsInput) => {
    const { templates } = synthesize(settings);
    const [[stack, { Parameters = {} }]] = Object.entries(templates).filter(([name]) => name.endsWith('Data')) as [
      [string, Template],
    ];
    return { stack, service: Parameters.Service?.Default, name: Parameters.DeploymentName?.Default };
  };

  test.each<[SettingsInput, SettingsInput]>([
    [{ service: 'shop', environment: 'staging' }, { service: 'shop-staging' }],
    [
      { service: 'shop', environment: 'eu-1' },
      { service: 'shop', environment: 'eu1' },
    ],
    [{ service: 'shop' }, { service: 'store', deploymentName: 'shop' }],
  ])('%j is refused in the place of %j, because a parameter of its data stack differs', (one, other) => {
    const [first, second] = [parametersOf(one), parametersOf(other)];
    expect(first.stack).toBe(second.stack);
    expect(first).not.toEqual(second);
  });
});

describe('an environment that cannot be a part of names', () => {
  test.each([
    ['Staging', /^Setting environment: every name has it, as in toolwatch-Staging; write lower-case letters/],
    ['eu west', /every name has it/],
    ['eu--west', /one hyphen between/],
    ['tool', /none of which is tool/],
    ['tool-box', /none of which is tool/],
    ['x'.repeat(40), /has 50 characters, and 40 are allowed; write a shorter one, or write deploymentName as well/],
  ])('is refused in a sentence: %s', (environment, sentence) => {
    expect(() => settingsFrom({ environment })).toThrow(sentence);
    expect(settingsFrom({ environment, deploymentName: 'toolwatch' }).environment).toBe(environment);
  });

  test('whatever is accepted is a name that AWS takes, and no two environments share it', () => {
    const environment = fc.oneof(fc.string({ minLength: 1 }), fc.stringMatching(/^[a-z0-9-]{1,40}$/));
    const nameIn = (chosen: string): string | undefined => {
      try {
        return deploymentNameOf(settingsFrom({ environment: chosen }));
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidSettings);
        return undefined;
      }
    };
    fc.assert(
      fc.property(environment, environment, (one, other) => {
        const name = nameIn(one);
        if (name === undefined) return;
        expect(name).toMatch(/^[a-z][a-z0-9-]{1,39}$/);
        if (one !== other) expect(nameIn(other)).not.toBe(name);
      }),
    );
  });

  test('the longest name fits into every name of a resource', () => {
    const { resources } = deploy({ deploymentName: 'a'.repeat(40) });
    const lengths: Record<string, [property: string, max: number]> = {
      'AWS::CloudWatch::Alarm': ['AlarmName', 255],
      'AWS::CodeDeploy::Application': ['ApplicationName', 100],
      'AWS::Lambda::Function': ['FunctionName', 64],
      'AWS::Logs::LogGroup': ['LogGroupName', 512],
      'AWS::RDS::DBProxy': ['DBProxyName', 60],
      'AWS::SecretsManager::Secret': ['Name', 512],
    };
    for (const [type, [property, max]] of Object.entries(lengths)) {
      const names = ofType(resources, type).flatMap(({ Properties }) => Properties[property] ?? []);
      expect(names, type).not.toEqual([]);
      for (const name of names) expect(name.length).toBeLessThanOrEqual(max);
    }
  });
});

describe("in another app's stacks", () => {
  const twice = (one: SettingsInput, other: SettingsInput, props: cdk.StackProps[] = [{}, {}]) => {
    const app = new cdk.App();
    for (const [index, settings] of [one, other].entries()) {
      const stack = new cdk.Stack(app, `Shop${index}`, { env: HERE, ...props[index] });
      observeShop(stack, { settings, callLogName: `/shop/${index}` });
    }
    return app;
  };

  test('two environments of one service stand side by side, with a metric of their own each', () => {
    const { templates, warnings } = synthesizeApp(twice({}, { environment: 'staging' }));
    expect(warnings).toEqual([]);
    const [first = {}, second = {}] = [templates.Shop0?.Resources, templates.Shop1?.Resources];
    const names = new Set(Object.values(first).flatMap(namesOf));
    expect(
      Object.values(second)
        .flatMap(namesOf)
        .filter((name) => names.has(name)),
    ).toEqual([]);
    expect(JSON.stringify(second)).not.toContain('"Value":"shop"');
    expect(JSON.stringify(second)).toContain('"Value":"shop-staging"');
  });

  test('one environment twice is refused, and the sentence says to write another', () => {
    expect(() => twice({ environment: 'staging' }, { environment: 'staging' }).synth()).toThrow(
      /both have the alarm shop-staging\/.*write another setting service, environment or deploymentName/,
    );
  });

  test('two stacks of one name are refused', () => {
    const named = twice({}, { environment: 'staging' }, [{ stackName: 'Shop' }, { stackName: 'Shop' }]);
    expect(() => named.synth()).toThrow(
      /both have the stack name Shop, but .* can have it once; write another stackName/,
    );
  });

  test('a function that writes lines of another environment is refused', () => {
    const app = new cdk.App();
    const stack = new cdk.Stack(app, 'Shop');
    const checkout = aFunction(stack, { environment: { POWERTOOLS_SERVICE_NAME: 'shop' } });
    observeShop(stack, { tools: [aToolOf(checkout)], settings: { environment: 'staging' } });
    expect(() => app.synth()).toThrow(/writes lines of the service shop, and its alarms read that of shop-staging/);
  });

  test('two stores that read one log group are refused, because each would store the lines of both', () => {
    const app = new cdk.App();
    for (const environment of ['production', 'staging']) {
      const stack = new cdk.Stack(app, environment, { env: HERE });
      observeShop(stack, { settings: { environment }, store: addStoreLocation(stack) });
    }
    expect(() => app.synth()).toThrow(
      /both have the subscription \["\/shop\/checkout","calls"\], but .* write another callLogName/,
    );
  });

  test('names that an account has once are compared across its regions, and names with the region in them are not', () => {
    const app = new cdk.App();
    for (const { region } of [HERE, ELSEWHERE]) {
      const stack = new cdk.Stack(app, region, { env: { account: HERE.account, region } });
      observeShop(stack);
      new logs.LogGroup(stack, 'Same', { logGroupName: '/same' });
    }
    expect(synthesizeApp(app).warnings).toEqual([]);
  });
});
