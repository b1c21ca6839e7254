import * as cdk from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { InvalidSettings } from '../../lib/settings.ts';
import { addStoreLocation, observeShop, type Synthesized, synthesizeApp } from '../support/shop-stack.ts';
import { alarmsOf, emptyBundles, ofType, type Resource, type Resources } from '../support/synthesized.ts';

// What is synthesized of a combination is compared with CloudFormation's schemas too.
beforeAll(() => void vi.stubEnv('CDK_VALIDATION', 'true'));
afterAll(() => void vi.unstubAllEnvs());

vi.mock('../../lib/bundle.ts', async (original) => ({
  ...(await original<typeof import('../../lib/bundle.ts')>()),
  bundle: () => emptyBundles(),
}));

/** Ways in which another app may be built; each combination is one app. */
const PLACES = {
  nowhere: {},
  here: { env: { account: '111111111111', region: 'eu-central-1' } },
  elsewhere: { env: { account: '111111111111', region: 'us-east-1' } },
} satisfies Record<string, cdk.StackProps>;
type Place = keyof typeof PLACES;
const place = fc.constantFrom<Place>('nowhere', 'here', 'elsewhere');
const where = fc.constantFrom('own stack', 'other stack', 'nested stack');
const arn = (service: string, resource: string) => `arn:aws:${service}:eu-central-1:111111111111:${resource}`;

const appShape = fc.record({
  place,
  otherPlace: place,
  scope: fc.constantFrom('stack', 'nested stack', 'construct'),
  stage: fc.boolean(),
  toolName: fc.oneof(
    { weight: 4, arbitrary: fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 70 }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        'prüfung',
        'a/b',
        'Topics',
        'Store',
        'Dashboard',
        'fleet-failing',
        '__proto__',
        'constructor',
      ),
    },
  ),
  provider: fc.option(fc.constantFrom('bank', 'a b', 'bänk', 'a/b'), { nil: undefined }),
  function: fc.constantFrom(
    'none',
    'itself',
    'alias',
    'current version',
    'arn',
    'arn of an alias',
    'name',
    'token',
    'attributes',
  ),
  functionIn: where,
  service: fc.constantFrom('shop', 'toolwatch', 'a-very-long-service-x'.slice(0, 20)),
  functionService: fc.constantFrom('shop', 'toolwatch'),
  queue: fc.constantFrom('none', 'own', 'fifo', 'arn'),
  queueIn: where,
  topics: fc.constantFrom('none', 'own', 'one', 'with a key', "with AWS's key", 'arn', 'imported key'),
  topicsIn: where,
  logGroup: fc.constantFrom('text', 'named', 'generated', 'imported', 'arn', 'parameter'),
  store: fc.constantFrom('none', 'none', 'own', 'other stack'),
  monitoring: fc.constantFrom<'full' | 'lean'>('full', 'lean'),
  objective: fc.boolean(),
});
type AppShape = typeof appShape extends fc.Arbitrary<infer Shape> ? Shape : never;

/** The same app without what is most often wrong, so that many of the apps can be deployed. */
const withoutFrequentMistakes = (shape: AppShape): AppShape => ({
  ...shape,
  place: 'here',
  otherPlace: 'here',
  stage: false,
  toolName: 'checkout',
  provider: 'bank',
  service: 'shop',
  functionService: 'shop',
  queue: 'own',
  topics: 'own',
  logGroup: 'text',
});

class App {
  readonly app = new cdk.App();
  readonly shop: cdk.Stack;
  readonly other: cdk.Stack;
  readonly nested: cdk.NestedStack;

  constructor(readonly shape: AppShape) {
    const root = shape.stage ? new cdk.Stage(this.app, 'Production') : this.app;
    this.shop = new cdk.Stack(root, 'Shop', PLACES[shape.place]);
    this.other = new cdk.Stack(root, 'Other', PLACES[shape.otherPlace]);
    this.nested = new cdk.NestedStack(this.shop, 'Nested');
  }

  stack(of: AppShape['functionIn']): cdk.Stack {
    if (of === 'own stack') return this.shop;
    return of === 'other stack' ? this.other : this.nested;
  }

  scope() {
    const scopes = { stack: this.shop, construct: new cdk.NestedStack(this.shop, 'Own'), 'nested stack': this.nested };
    return scopes[this.shape.scope as keyof typeof scopes];
  }
}

const functions: Record<Exclude<AppShape['function'], 'none'>, (stack: cdk.Stack, shape: AppShape) => object> = {
  itself: (stack, shape) => aFunction(stack, shape),
  alias: (stack, shape) =>
    new lambda.Alias(stack, 'Live', {
      aliasName: 'live',
      version: aFunction(stack, shape).currentVersion as lambda.IVersion,
    }),
  'current version': (stack, shape) => aFunction(stack, shape).currentVersion,
  arn: (stack) => lambda.Function.fromFunctionArn(stack, 'F', arn('lambda', 'function:checkout')),
  'arn of an alias': (stack) => lambda.Function.fromFunctionArn(stack, 'F', arn('lambda', 'function:checkout:live')),
  name: (stack) => lambda.Function.fromFunctionName(stack, 'F', 'checkout'),
  token: (stack) => lambda.Function.fromFunctionArn(stack, 'F', cdk.Fn.importValue('CheckoutArn')),
  attributes: (stack) =>
    lambda.Function.fromFunctionAttributes(stack, 'F', {
      functionArn: arn('lambda', 'function:checkout'),
      sameEnvironment: true,
    }),
};

const aFunction = (stack: cdk.Stack, { functionService }: AppShape) =>
  new lambda.Function(stack, 'Checkout', {
    code: lambda.Code.fromInline('0'),
    handler: 'index.handler',
    runtime: lambda.Runtime.NODEJS_22_X,
    loggingFormat: lambda.LoggingFormat.JSON,
    environment: { POWERTOOLS_SERVICE_NAME: functionService },
  });

const queues: Record<Exclude<AppShape['queue'], 'none'>, (stack: cdk.Stack) => sqs.IQueue> = {
  own: (stack) => new sqs.Queue(stack, 'Orders'),
  fifo: (stack) => new sqs.Queue(stack, 'Orders', { fifo: true }),
  arn: (stack) => sqs.Queue.fromQueueArn(stack, 'Orders', arn('sqs', 'orders')),
};

const topic = (stack: cdk.Stack, masterKey?: kms.IKey) => new sns.Topic(stack, 'Pager', masterKey ? { masterKey } : {});
const topics: Record<
  Exclude<AppShape['topics'], 'none'>,
  (stack: cdk.Stack) => { critical: sns.ITopic; warning: sns.ITopic }
> = {
  own: (stack) => ({ critical: topic(stack), warning: new sns.Topic(stack, 'Inbox', { enforceSSL: true }) }),
  one: (stack) => both(topic(stack)),
  'with a key': (stack) => both(topic(stack, new kms.Key(stack, 'Key') as kms.IKey)),
  "with AWS's key": (stack) => both(topic(stack, kms.Alias.fromAliasName(stack, 'Key', 'alias/aws/sns'))),
  arn: (stack) => both(sns.Topic.fromTopicArn(stack, 'Pager', arn('sns', 'pager'))),
  'imported key': (stack) => both(topic(stack, kms.Key.fromKeyArn(stack, 'Key', arn('kms', 'key/1234')))),
};
const both = (one: sns.ITopic) => ({ critical: one, warning: one });

const logGroups: Record<AppShape['logGroup'], (stack: cdk.Stack) => string> = {
  text: () => '/shop/checkout',
  named: (stack) => new logs.LogGroup(stack, 'Calls', { logGroupName: '/shop/named' }).logGroupName,
  generated: (stack) => new logs.LogGroup(stack, 'Calls').logGroupName,
  imported: (stack) => logs.LogGroup.fromLogGroupName(stack, 'Calls', '/shop/imported').logGroupName,
  arn: (stack) => new logs.LogGroup(stack, 'Calls').logGroupArn.replace(/.*/s, arn('logs', 'log-group:/shop:*')),
  parameter: (stack) => new cdk.CfnParameter(stack, 'LogGroup', { default: '/shop/calls' }).valueAsString,
};

/** Builds the app and synthesizes it. Throws what its author would read. */
function build(shape: AppShape): Synthesized {
  const app = new App(shape);
  const { toolName: name, provider, service, monitoring } = shape;
  const fn = shape.function === 'none' ? undefined : functions[shape.function](app.stack(shape.functionIn), shape);
  const own = shape.topics === 'none' ? undefined : topics[shape.topics](app.stack(shape.topicsIn));
  const queue = shape.queue === 'none' ? undefined : queues[shape.queue](app.stack(shape.queueIn));
  const alarms = shape.objective ? { objective: 0.99, silentAfterMinutes: 60 } : {};
  observeShop(app.scope(), {
    tools: [
      { name, alarms, ...(provider ? { provider } : {}), ...(fn ? { function: fn as lambda.IFunction } : {}) },
      { name: 'second', alarms, ...(provider ? { provider } : {}) },
    ],
    callLogName: logGroups[shape.logGroup](app.shop),
    ...(queue ? { queues: [{ name: 'orders', queue }] } : {}),
    ...(own ? { topics: own } : {}),
    ...(shape.store === 'none' ? {} : { store: addStoreLocation(shape.store === 'own' ? app.shop : app.other) }),
    settings: { service, monitoring },
  });
  return synthesizeApp(app.app);
}

/** What an author can act on: our own sentences, or those of the CDK about references between places. */
const isSentence = (error: unknown): boolean =>
  error instanceof InvalidSettings
    ? error.message
        .split('\n')
        .every((line) => /^[A-Z].*(write|rename|move|give|state|subscribe|leave|see|needs).*\.$/is.test(line))
    : error instanceof Error &&
      (/Validation failed with the following errors/.test(error.message) ||
        /Cross stack references are only supported|cannot reference/.test(error.message));

interface Template {
  Resources: Resources;
  Parameters?: Record<string, unknown>;
}

/** Every name of a resource or a parameter that a template refers to and does not have. */
function danglingReferences({ Resources, Parameters = {} }: Template): string[] {
  const text = JSON.stringify(Resources);
  const named = [...text.matchAll(/\{"Ref":"([^"]+)"\}|\{"Fn::GetAtt":\["([^"]+)"/g)].map(
    ([, ref, attribute]) => ref ?? attribute ?? '',
  );
  return named.filter((name) => !name.startsWith('AWS::') && !(name in Resources) && !(name in Parameters));
}

const readsOf = ({
  Properties,
}: Resource): { MetricName: string; Dimensions?: { Name: string; Value: unknown }[] }[] => [
  ...(Properties.MetricName ? [Properties] : []),
  ...(Properties.Metrics ?? []).flatMap(
    ({ MetricStat }: { MetricStat?: { Metric: object } }) => MetricStat?.Metric ?? [],
  ),
];

function checkTemplate(template: Template, { toolName, service }: AppShape): void {
  expect(danglingReferences(template)).toEqual([]);
  expect(JSON.stringify(template)).not.toMatch(/\$\{Token\[|%24%7BToken|\$257BToken|\*7BToken/);
  for (const alarm of alarmsOf(template.Resources)) {
    expect(alarm.Properties.AlarmActions ?? [], alarm.Properties.AlarmName).toEqual(alarm.Properties.OKActions ?? []);
    for (const { Dimensions = [] } of readsOf(alarm)) {
      for (const { Name, Value } of Dimensions) {
        if (Name === 'service') expect(Value).toBe(service);
        if (Name === 'tool') expect([toolName, 'second']).toContain(Value);
        if (Name === 'FunctionName') expect(JSON.stringify(Value)).not.toMatch(/Version|Alias|Live|:live"\]/);
      }
    }
  }
  for (const { Properties } of ofType(template.Resources, 'AWS::CloudWatch::Dashboard'))
    expect(JSON.stringify(Properties.DashboardName)).toMatch(/AWS::Region|(eu-central|us-east)-1/);
}

test('each way to build an app gives templates that are right, or a sentence that says what to do', () => {
  let synthesized = 0;
  fc.assert(
    fc.property(fc.oneof(appShape, appShape.map(withoutFrequentMistakes)), (shape) => {
      let built: Synthesized;
      try {
        built = build(shape);
      } catch (error) {
        expect(isSentence(error), String(error)).toBe(true);
        return;
      }
      synthesized += 1;
      for (const template of Object.values(built.templates)) checkTemplate(template, shape);
    }),
    { numRuns: 40 },
  );
  expect(synthesized).toBeGreaterThan(5);
});
