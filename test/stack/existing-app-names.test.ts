import * as cdk from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { describe, expect, test, vi } from 'vitest';
import { alarm, anApp, ELSEWHERE, HERE, resourcesOf } from '../support/existing-app.ts';
import { addStoreLocation, observeShop, synthesizeApp } from '../support/shop-stack.ts';
import { emptyBundles, ofType } from '../support/synthesized.ts';

vi.mock('../../lib/bundle.ts', async (original) => ({
  ...(await original<typeof import('../../lib/bundle.ts')>()),
  bundle: () => emptyBundles(),
}));

describe('topics of the app', () => {
  const withTopics = (create: (stack: cdk.Stack) => sns.ITopic) => {
    const { app, shop } = anApp();
    const topic = create(shop);
    observeShop(shop, { topics: { critical: topic, warning: topic } });
    return app;
  };

  test('with a key let CloudWatch use the key as well', () => {
    const app = withTopics(
      (stack) => new sns.Topic(stack, 'Pager', { masterKey: new kms.Key(stack, 'Key') as kms.IKey }),
    );
    const [key] = ofType(resourcesOf(app), 'AWS::KMS::Key');
    expect(key?.Properties.KeyPolicy.Statement).toContainEqual(
      expect.objectContaining({
        Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        Principal: { Service: 'cloudwatch.amazonaws.com' },
      }),
    );
  });

  test('of another stack get the same permissions there', () => {
    const app = withTopics((stack) => {
      const other = new cdk.Stack(stack.node.root as cdk.App, 'Other');
      return new sns.Topic(other, 'Pager', { enforceSSL: true, masterKey: new kms.Key(other, 'Key') as kms.IKey });
    });
    const other = JSON.stringify(resourcesOf(app, 'Other'));
    expect(other).toContain('"AlarmsMayPublish"');
    expect(other).toContain('"AlarmsMayEncrypt"');
  });

  test('that are imported, or have an imported key, are a warning that says what they must allow', () => {
    const imported = withTopics((stack) =>
      sns.Topic.fromTopicArn(stack, 'T', `arn:aws:sns:${HERE.region}:${HERE.account}:pager`),
    );
    expect(synthesizeApp(imported).warnings).toContainEqual(
      expect.stringContaining('lets cloudwatch.amazonaws.com publish'),
    );
    const importedKey = withTopics(
      (stack) =>
        new sns.Topic(stack, 'Pager', {
          masterKey: kms.Key.fromKeyArn(stack, 'Key', `arn:aws:kms:${HERE.region}:${HERE.account}:key/1234`),
        }),
    );
    expect(synthesizeApp(importedKey).warnings).toContainEqual(expect.stringContaining('kms:GenerateDataKey*'));
  });

  test.each<[string, (stack: cdk.Stack) => sns.ITopic]>([
    [
      'by its alias',
      (stack) => new sns.Topic(stack, 'Pager', { masterKey: kms.Alias.fromAliasName(stack, 'Aws', 'alias/aws/sns') }),
    ],
    [
      'by its id',
      (stack) => {
        const topic = new sns.Topic(stack, 'Pager');
        (topic.node.defaultChild as sns.CfnTopic).kmsMasterKeyId = 'alias/aws/sns';
        return topic;
      },
    ],
  ])("with AWS's own key, %s, are refused, because CloudWatch may not use it", (_, create) => {
    expect(() => withTopics(create)).toThrow(
      /alias\/aws\/sns, which CloudWatch may not use; give it a key of your own/,
    );
  });

  test('beside addresses in the settings are refused, because those would receive nothing', () => {
    const { shop } = anApp();
    const topic = new sns.Topic(shop, 'Pager');
    expect(() =>
      observeShop(shop, {
        topics: { critical: topic, warning: topic },
        settings: { alerts: { critical: { emails: ['a@example.com'] } } },
      }),
    ).toThrow(/Setting alerts.critical: it has no effect beside a topic of your own/);
  });

  test('are missing with every address: a warning', () => {
    const { app, shop } = anApp();
    observeShop(shop, { settings: { alerts: {} } });
    expect(synthesizeApp(app).warnings).toContainEqual(
      expect.stringContaining('Critical alarms have no recipient; write alerts.critical.'),
    );
  });
});

describe('the log group of calls', () => {
  const descriptionsWith = (name: (stack: cdk.Stack) => string) => {
    const { app, shop } = anApp(HERE);
    const callLogName = name(shop);
    observeShop(shop, { callLogName });
    const resources = resourcesOf(app);
    return { failing: alarm(resources, 'shop/tool/checkout/failing').AlarmDescription, all: JSON.stringify(resources) };
  };

  test('is named in the address of its lines by a name that another construct gives it', () => {
    const { failing, all } = descriptionsWith(
      (stack) => new logs.LogGroup(stack, 'Calls', { logGroupName: '/shop/calls' }).logGroupName,
    );
    expect(failing).toContain("~source~(~'*2Fshop*2Fcalls))");
    expect(all).not.toMatch(/Token\[|%24%7B|\$257B|\*7B/);
  });

  test('is named there at deployment by the name that CloudFormation makes', () => {
    const { failing, all } = descriptionsWith((stack) => new logs.LogGroup(stack, 'Calls').logGroupName);
    expect(JSON.stringify(failing)).toContain('{"Fn::Join":["*2F",{"Fn::Split":["/",{"Ref":"Calls');
    expect(all).not.toMatch(/Token\[|%24%7B|\$257B|\*7B/);
  });

  test('with a long name is in descriptions that CloudWatch takes', () => {
    const { failing } = descriptionsWith(() => `/${'x'.repeat(254)}`);
    expect(failing.length).toBeLessThanOrEqual(1_024);
  });

  test.each([
    'arn:aws:logs:eu-central-1:111111111111:log-group:/shop/calls:*',
    '',
    'two words',
    'prüfung',
    `/${'x'.repeat(255)}`,
  ])('is refused when its name is %j', (name) => {
    expect(() => observeShop(anApp().shop, { callLogName: name })).toThrow(
      /is not the name of a log group; write the name/,
    );
  });
});

describe('two stacks with one service', () => {
  const twice = (one: cdk.StackProps, other: cdk.StackProps, apart = false) => {
    const app = new cdk.App();
    observeShop(new cdk.Stack(app, 'One', one));
    observeShop(new cdk.Stack(apart ? new cdk.Stage(app, 'Later') : app, 'Other', other));
    return app;
  };

  test.each<[string, cdk.Environment | undefined]>([
    ['in one place', HERE],
    ['that do not say where they are', undefined],
  ])('%s are refused, because their alarms have the same names', (_, env) => {
    const props = env ? { env } : {};
    expect(() => twice(props, props).synth()).toThrow(
      /The stacks One and Other both have the alarm shop\/.* more of one name.*write another setting service/,
    );
  });

  test('of which only one says where it is are a warning', () => {
    expect(synthesizeApp(twice({ env: HERE }, {})).warnings).toContainEqual(
      expect.stringContaining('both have the alarm'),
    );
  });

  test('of two stages are a warning while they do not say where they are, and refused in one place', () => {
    expect(synthesizeApp(twice({}, {}, true)).warnings).toContainEqual(expect.stringContaining('both have the alarm'));
    expect(() => twice({ env: HERE }, { env: HERE }, true).synth()).toThrow(/both have the alarm/);
  });

  test('in two regions are allowed, and their dashboards have different names', () => {
    const { templates, warnings } = synthesizeApp(
      twice({ env: HERE }, { env: { account: HERE.account, region: ELSEWHERE.region } }),
    );
    expect(warnings).toEqual([]);
    const names = Object.values(templates).flatMap(({ Resources }) =>
      ofType(Resources, 'AWS::CloudWatch::Dashboard').map(({ Properties }) => Properties.DashboardName),
    );
    expect(names.sort()).toEqual(['shop-eu-central-1', 'shop-us-east-1']);
  });

  test('that are agnostic name their dashboards by the region of the deployment', () => {
    const { app, shop } = anApp();
    observeShop(shop);
    const [dashboard] = ofType(resourcesOf(app), 'AWS::CloudWatch::Dashboard');
    expect(dashboard?.Properties.DashboardName).toEqual({ 'Fn::Join': ['', ['shop-', { Ref: 'AWS::Region' }]] });
  });
});

describe('names', () => {
  test.each(['prüfung', 'a/b', '', ' ', 'a b', ':a', 'a"b', 'x'.repeat(65), 'a*', 'a\n'])(
    'of tools are refused: %j',
    (name) => {
      expect(() => observeShop(anApp().shop, { tools: [{ name, alarms: {} }] })).toThrow(
        /name is ".*"; write at most 64 characters of A to Z/s,
      );
    },
  );

  test.each(['prüfung', 'a/b', ''])('of providers are refused: %j', (provider) => {
    expect(() => observeShop(anApp().shop, { tools: [{ name: 'checkout', provider, alarms: {} }] })).toThrow(
      /provider is/,
    );
  });

  test.each(['prüfung', 'a/b', ''])('of queues are refused: %j', (name) => {
    const { shop } = anApp();
    expect(() => observeShop(shop, { queues: [{ name, queue: new sqs.Queue(shop, 'Q') }] })).toThrow(
      /The queue .*: name: write the name of an SQS queue/,
    );
  });

  test('that two queues have are refused, with a sentence', () => {
    const { shop } = anApp();
    const queue = new sqs.Queue(shop, 'Q');
    expect(() => observeShop(shop, { queues: [{ name: 'q', queue }], settings: { queues: [{ name: 'q' }] } })).toThrow(
      /The queue q is listed twice; rename one of the two/,
    );
  });

  test.each(['Topics', 'Dashboard', 'SavedQueries', 'Store', 'fleet-failing', 'provider-x-failing'])(
    'may be that of a part of the construct: %s',
    (name) => {
      const { app, shop } = anApp();
      observeShop(shop, { tools: [{ name, alarms: {} }], store: addStoreLocation(shop) });
      expect(alarm(resourcesOf(app), `shop/tool/${name}/failing`)).toBeDefined();
    },
  );
});
