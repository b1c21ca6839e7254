import * as cdk from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { describe, expect, test, vi } from 'vitest';
import {
  aFunction,
  alarm,
  anApp,
  aTool,
  dimension,
  ELSEWHERE,
  HERE,
  killedDimension,
  resourcesOf,
} from '../support/existing-app.ts';
import { addStoreLocation, observeShop, synthesizeApp } from '../support/shop-stack.ts';
import { alarmsOf, emptyBundles, ofType } from '../support/synthesized.ts';

vi.mock('../../lib/bundle.ts', async (original) => ({
  ...(await original<typeof import('../../lib/bundle.ts')>()),
  bundle: () => emptyBundles(),
}));

describe('a store in an app whose database is in another stack', () => {
  const inTwoStacks = () => {
    const { app, shop } = anApp();
    const data = new cdk.Stack(app, 'Data');
    observeShop(shop, { store: addStoreLocation(data) });
    return app;
  };

  test('has the rule that lets its functions in, so that the stacks do not wait for each other', () => {
    const { templates } = synthesizeApp(inTwoStacks());
    const [rule, ...others] = ofType(templates.Shop?.Resources ?? {}, 'AWS::EC2::SecurityGroupIngress');
    expect(others).toEqual([]);
    expect(rule?.Properties).toMatchObject({ IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432 });
    expect(JSON.stringify(rule?.Properties.GroupId)).toContain('Firewall');
    expect(ofType(templates.Data?.Resources ?? {}, 'AWS::EC2::SecurityGroupIngress')).toEqual([]);
  });

  test('has the rule in its own stack too where the database is deployed by the app', () => {
    const { app, shop } = anApp();
    const data = new cdk.Stack(app, 'Data');
    const { vpc, retainedPayloads } = addStoreLocation(data);
    const database = aDatabase(data, vpc);
    observeShop(shop, { store: { vpc, database, retainedPayloads } });
    const { templates } = synthesizeApp(app);
    expect(ofType(templates.Shop?.Resources ?? {}, 'AWS::EC2::SecurityGroupIngress')).toHaveLength(1);
  });

  test('is a warning where its database states no security group, and reads its metrics in lower case', () => {
    const { app, shop } = anApp();
    const { vpc, retainedPayloads } = addStoreLocation(shop);
    const imported = (securityGroups: ec2.ISecurityGroup[]) =>
      rds.DatabaseInstance.fromDatabaseInstanceAttributes(shop, `Imported${securityGroups.length}`, {
        instanceIdentifier: 'Shop',
        instanceEndpointAddress: 'shop.example.com',
        instanceResourceId: 'db-SHOP',
        port: 5432,
        securityGroups,
      });
    observeShop(shop, { store: { vpc, retainedPayloads, database: imported([]) } });
    const { templates, warnings } = synthesizeApp(app);
    expect(warnings).toContainEqual(expect.stringContaining('The database states no security group'));
    // RDS stores identifiers in lower case, and so does the dimension.
    expect(dimension(alarm(templates.Shop?.Resources ?? {}, 'shop/pipeline/database-full'))).toBe('shop');
  });
});

const aDatabase = (stack: cdk.Stack, vpc: ec2.IVpc, props: Partial<rds.DatabaseInstanceProps> = {}) =>
  new rds.DatabaseInstance(stack, 'Postgres', {
    vpc,
    vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
    engine: rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.of('18.1', '18') }),
    iamAuthentication: true,
    ...props,
  });

const aCluster = (stack: cdk.Stack, vpc: ec2.IVpc, props: Partial<rds.DatabaseClusterProps> = {}) =>
  new rds.DatabaseCluster(stack, 'Aurora', {
    vpc,
    vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
    engine: rds.DatabaseClusterEngine.auroraPostgres({ version: rds.AuroraPostgresEngineVersion.of('18.4', '18') }),
    iamAuthentication: true,
    writer: rds.ClusterInstance.serverlessV2('Writer'),
    ...props,
  });

describe('a store in a cluster', () => {
  const alarmsOnCluster = (database: (stack: cdk.Stack, vpc: ec2.IVpc) => rds.IDatabaseCluster) => {
    const { app, shop } = anApp();
    const { vpc, retainedPayloads } = addStoreLocation(shop);
    observeShop(shop, { store: { vpc, retainedPayloads, database: database(shop, vpc) } });
    const resources = resourcesOf(app);
    const roles = JSON.stringify(ofType(resources, 'AWS::IAM::Role'));
    return {
      alarms: alarmsOf(resources).flatMap(({ Properties: { AlarmName, MetricName, Dimensions, Threshold } }) =>
        AlarmName.startsWith('shop/pipeline/database-') ? [[AlarmName, MetricName, Dimensions[0], Threshold]] : [],
      ),
      roles,
    };
  };

  test('of the app is signed in to and watched as such, without a disk that could become full', () => {
    const { alarms, roles } = alarmsOnCluster((stack, vpc) => aCluster(stack, vpc, { serverlessV2MaxCapacity: 4 }));
    expect(alarms).toEqual([
      [
        'shop/pipeline/database-tired',
        'ACUUtilization',
        { Name: 'DBClusterIdentifier', Value: { Ref: expect.stringMatching(/^Aurora/) } },
        90,
      ],
    ]);
    expect(roles).toContain('"DBClusterResourceId"');
  });

  const imported = { clusterIdentifier: 'Shop', clusterEndpointAddress: 'shop.example.com', port: 5432 };

  test('that is imported is watched by its processor', () => {
    const { alarms, roles } = alarmsOnCluster((stack) =>
      rds.DatabaseCluster.fromDatabaseClusterAttributes(stack, 'C', {
        ...imported,
        clusterResourceIdentifier: 'cluster-S',
      }),
    );
    expect(alarms).toEqual([
      ['shop/pipeline/database-tired', 'CPUUtilization', { Name: 'DBClusterIdentifier', Value: 'shop' }, 90],
    ]);
    expect(roles).toContain('cluster-S/toolwatch_writer');
  });

  test.each([
    ['clusterResourceIdentifier', { ...imported }],
    ['clusterEndpointAddress and port', { clusterIdentifier: 'shop', clusterResourceIdentifier: 'cluster-S' }],
  ])('that is imported without its %s is refused', (word, attributes) => {
    expect(() =>
      alarmsOnCluster((stack) => rds.DatabaseCluster.fromDatabaseClusterAttributes(stack, 'C', attributes)),
    ).toThrow(`The database has no ${word}; state it where you import the database.`);
  });
});

describe('a store that could not work', () => {
  const storeWith = (change: (stack: cdk.Stack, location: ReturnType<typeof addStoreLocation>) => object) => {
    const { app, shop } = anApp();
    const location = addStoreLocation(shop);
    observeShop(shop, { store: { ...location, ...change(shop, location) } });
    return app;
  };

  test.each<[string, Parameters<typeof storeWith>[0], RegExp]>([
    [
      'a database that accepts no IAM tokens',
      (stack, { vpc }) => ({ database: aDatabase(stack, vpc, { iamAuthentication: false }) }),
      /Postgres does not accept IAM tokens.*write iamAuthentication: true/,
    ],
    [
      'a database that is not PostgreSQL',
      (stack, { vpc }) => ({
        database: aDatabase(stack, vpc, {
          engine: rds.DatabaseInstanceEngine.mysql({ version: rds.MysqlEngineVersion.VER_8_0_40 }),
        }),
      }),
      /Postgres is mysql; the store needs PostgreSQL 18/,
    ],
    [
      'a PostgreSQL that is too old',
      (stack, { vpc }) => ({
        database: aDatabase(stack, vpc, {
          engine: rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_16_4 }),
        }),
      }),
      /Postgres is PostgreSQL 16\.4; the store needs 18, so write a newer engine version/,
    ],
    [
      'a read replica',
      (stack, { vpc }) => ({
        database: new rds.DatabaseInstanceReadReplica(stack, 'Replica', {
          vpc,
          vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
          sourceDatabaseInstance: aDatabase(stack, vpc),
          instanceType: new ec2.InstanceType('t4g.small'),
          iamAuthentication: true,
        }),
      }),
      /Replica is a read replica, which takes no calls; give the database that is its source/,
    ],
    [
      'a cluster that accepts no IAM tokens',
      (stack, { vpc }) => ({ database: aCluster(stack, vpc, { iamAuthentication: false }) }),
      /Aurora does not accept IAM tokens.*write iamAuthentication: true/,
    ],
    [
      'a cluster of a PostgreSQL that is too old',
      (stack, { vpc }) => ({
        database: aCluster(stack, vpc, {
          engine: rds.DatabaseClusterEngine.auroraPostgres({ version: rds.AuroraPostgresEngineVersion.VER_15_8 }),
        }),
      }),
      /Aurora is PostgreSQL 15\.8; the store needs 18/,
    ],
    [
      'a cluster of MySQL',
      (stack, { vpc }) => ({
        database: aCluster(stack, vpc, {
          engine: rds.DatabaseClusterEngine.auroraMysql({ version: rds.AuroraMysqlEngineVersion.VER_3_08_0 }),
        }),
      }),
      /Aurora is aurora-mysql; the store needs PostgreSQL 18/,
    ],
    [
      'a network without isolated subnets',
      (stack) => ({
        vpc: new ec2.Vpc(stack, 'Public', { subnetConfiguration: [{ name: 'p', subnetType: ec2.SubnetType.PUBLIC }] }),
      }),
      /The VPC has no such subnets; state store\.subnets/,
    ],
  ])('is refused: %s', (_, change, sentence) => {
    expect(() => storeWith(change)).toThrow(sentence);
  });

  test('may be in public subnets, because its functions need no way out', () => {
    const app = storeWith((stack) => ({
      vpc: new ec2.Vpc(stack, 'Public', { subnetConfiguration: [{ name: 'p', subnetType: ec2.SubnetType.PUBLIC }] }),
      subnets: { subnetType: ec2.SubnetType.PUBLIC },
    }));
    expect(Object.keys(resourcesOf(app))).not.toEqual([]);
  });

  test('may use the key of its bucket, and a bucket that is imported', () => {
    const statementsOf = (bucket: (stack: cdk.Stack) => s3.IBucket) =>
      JSON.stringify(
        ofType(resourcesOf(storeWith((stack) => ({ retainedPayloads: bucket(stack) }))), 'AWS::IAM::Role').map(
          ({ Properties }) => Properties.Policies,
        ),
      );
    const withKey = (stack: cdk.Stack) =>
      new s3.Bucket(stack, 'Encrypted', { encryptionKey: new kms.Key(stack, 'Key') }) as s3.IBucket;
    expect(statementsOf(withKey)).toContain('"kms:GenerateDataKey"');
    expect(statementsOf((stack) => s3.Bucket.fromBucketName(stack, 'Imported', 'payloads'))).toContain(
      ':s3:::payloads/*',
    );
  });
});

describe('the alarm that a function is killed reads the metric of the function itself', () => {
  // With exactOptionalPropertyTypes, the CDK's classes do not match its interfaces.
  test.each<[string, (fn: lambda.Function) => object]>([
    [
      'an alias',
      (fn) => new lambda.Alias(fn.stack, 'Live', { aliasName: 'live', version: fn.currentVersion as lambda.IVersion }),
    ],
    ['the current version', (fn) => fn.currentVersion],
    ['the latest version', (fn) => fn.latestVersion],
    ['itself', (fn) => fn],
  ])('of %s', (_, qualify) => {
    const { app, shop } = anApp();
    const fn = aFunction(shop);
    observeShop(shop, { tools: [aTool(qualify(fn) as lambda.IFunction)] });
    expect(killedDimension(app)).toEqual({ Ref: shop.getLogicalId(fn.node.defaultChild as lambda.CfnFunction) });
  });

  const ARN = 'arn:aws:lambda:eu-central-1:111111111111:function:checkout';
  test.each<[string, (stack: cdk.Stack) => lambda.IFunction]>([
    ['an ARN', (stack) => lambda.Function.fromFunctionArn(stack, 'F', ARN)],
    ['the ARN of an alias', (stack) => lambda.Function.fromFunctionArn(stack, 'F', `${ARN}:live`)],
    ['the ARN of a version', (stack) => lambda.Version.fromVersionArn(stack, 'F', `${ARN}:7`)],
    ['a name with an alias', (stack) => lambda.Function.fromFunctionName(stack, 'F', 'checkout:live')],
    [
      'the attributes of an alias',
      (stack) =>
        lambda.Alias.fromAliasAttributes(stack, 'F', {
          aliasName: 'live',
          aliasVersion: lambda.Version.fromVersionArn(stack, 'V', `${ARN}:7`),
        }),
    ],
  ])('imported by %s', (_, importFrom) => {
    const { app, shop } = anApp(HERE);
    observeShop(shop, { tools: [aTool(importFrom(shop))] });
    // Of an ARN that is only known at deployment its seventh part is taken, which has neither version nor alias.
    expect(JSON.stringify(killedDimension(app))).toMatch(/^"checkout"$|^\{"Fn::Select":\[6,.*:function:checkout/);
  });
});

describe('what is in another region or account', () => {
  const arn = (service: string, resource: string) =>
    `arn:aws:${service}:${ELSEWHERE.region}:${HERE.account}:${resource}`;
  const lambdaElsewhere = (stack: cdk.Stack) =>
    lambda.Function.fromFunctionArn(stack, 'F', arn('lambda', 'function:checkout'));

  test.each<[string, (stack: cdk.Stack) => Parameters<typeof observeShop>[1], RegExp]>([
    [
      'a function',
      (stack) => ({ tools: [aTool(lambdaElsewhere(stack))] }),
      /function of the tool checkout is in the region us-east-1 and the stack Shop in eu-central-1/,
    ],
    [
      'a queue',
      (stack) => ({ queues: [{ name: 'orders', queue: sqs.Queue.fromQueueArn(stack, 'Q', arn('sqs', 'orders')) }] }),
      /The queue orders is in the region us-east-1/,
    ],
    [
      'a topic',
      (stack) => {
        const topic = sns.Topic.fromTopicArn(stack, 'T', arn('sns', 'pager'));
        return { topics: { critical: topic, warning: topic } };
      },
      /The topic Shop\/T is in the region us-east-1.*an alarm can only notify a topic of its own region/,
    ],
    [
      'the function of another account',
      (stack) => ({
        tools: [
          aTool(
            lambda.Function.fromFunctionArn(
              stack,
              'F',
              `arn:aws:lambda:${HERE.region}:${ELSEWHERE.account}:function:f`,
            ),
          ),
        ],
      }),
      /is in the account 222222222222/,
    ],
    [
      'a queue of another stack',
      (stack) => {
        const other = new cdk.Stack(stack.node.root as cdk.App, 'Other', { env: ELSEWHERE });
        return { queues: [{ name: 'orders', queue: new sqs.Queue(other, 'Orders', { queueName: 'orders' }) }] };
      },
      /The queue orders is in the region us-east-1/,
    ],
    [
      'a database',
      (stack) => {
        const other = new cdk.Stack(stack.node.root as cdk.App, 'Other', { env: ELSEWHERE });
        return { store: { ...addStoreLocation(stack), database: addStoreLocation(other).database } };
      },
      /The database is in the region us-east-1.*functions only reach one of their own region/,
    ],
  ])('is refused: %s', (_, props, sentence) => {
    const { shop } = anApp(HERE);
    const given = props(shop);
    expect(() => observeShop(shop, given)).toThrow(sentence);
  });

  test('is a warning while the stack does not say where it is', () => {
    const { app, shop } = anApp();
    observeShop(shop, { tools: [aTool(lambdaElsewhere(shop))] });
    expect(synthesizeApp(app).warnings).toContainEqual(
      expect.stringMatching(/is in the region us-east-1, and the stack Shop states none.*Write env/),
    );
  });

  test('a topic of another account may be notified, but its metrics are not read', () => {
    const { app, shop } = anApp(HERE);
    const pager = sns.Topic.fromTopicArn(shop, 'T', `arn:aws:sns:${HERE.region}:${ELSEWHERE.account}:pager`);
    observeShop(shop, { topics: { critical: pager, warning: pager }, store: addStoreLocation(shop) });
    const resources = resourcesOf(app);
    expect(JSON.stringify(alarmsOf(resources))).not.toContain('AWS/SNS');
    expect(alarm(resources, 'shop/tool/checkout/failing').AlarmActions).toEqual([pager.topicArn]);
  });
});

describe('a function of the app', () => {
  const withFunction = (props: Partial<lambda.FunctionProps>, settings = {}) => {
    const { app, shop } = anApp();
    observeShop(shop, { tools: [aTool(aFunction(shop, props))], settings });
    return app;
  };

  test('that writes lines of another service than its alarms read is refused', () => {
    expect(() => withFunction({ environment: { POWERTOOLS_SERVICE_NAME: 'store' } }).synth()).toThrow(
      /tool checkout writes lines of the service store, and its alarms read that of shop; write the same in both/,
    );
  });

  test('that drops the lines of successful calls is refused', () => {
    expect(() => withFunction({ applicationLogLevelV2: lambda.ApplicationLogLevel.WARN }).synth()).toThrow(
      /logs at WARN, which drops the lines of its calls/,
    );
  });

  test('that does not write the metric of an alarm is refused', () => {
    expect(() => withFunction({}, { alarms: { callerFaultShift: true } }).synth()).toThrow(
      /does not write what alarms\.callerFaultShift reads; set TOOLWATCH_CALLER_ERROR_METRIC to on/,
    );
    const on = { POWERTOOLS_SERVICE_NAME: 'shop', TOOLWATCH_CALLER_ERROR_METRIC: 'on' };
    const resources = resourcesOf(withFunction({ environment: on }, { alarms: { callerFaultShift: true } }));
    expect(alarm(resources, 'shop/tool/checkout/callers-at-fault')).toBeDefined();
  });

  test('is a warning when it states no service, does not log as JSON, or writes to another log group', () => {
    const app = withFunction({ environment: {}, loggingFormat: lambda.LoggingFormat.TEXT, functionName: 'checkout' });
    const { warnings } = synthesizeApp(app);
    expect(warnings).toEqual(
      expect.arrayContaining([
        expect.stringContaining('states no service, and its alarms read that of shop'),
        expect.stringContaining('does not log as JSON'),
        expect.stringContaining('writes to /aws/lambda/checkout and not to /shop/checkout'),
      ]),
    );
  });
});

test('the settings mute alarms of the construct', () => {
  const { app, shop } = anApp();
  observeShop(shop, {
    settings: {
      mutes: [{ name: 'nights', reason: 'Backups', at: 'cron(0 2 * * 6)', minutes: 60, alarms: ['tool/*/slow'] }],
    },
  });
  const [rule] = ofType(resourcesOf(app), 'AWS::CloudWatch::AlarmMuteRule');
  expect(rule?.Properties.MuteTargets.AlarmNames).toEqual(['shop/tool/checkout/slow']);
});

test.each(['jobs', 'hooks'])('the setting %s is refused, because no worker is deployed', (setting) => {
  const hooks = [{ source: 'shop', scheme: 'github' as const, tool: 'checkout' }];
  const { shop } = anApp();
  expect(() => observeShop(shop, { settings: setting === 'jobs' ? { jobs: {} } : { jobs: {}, hooks } })).toThrow(
    'Settings jobs and hooks: a worker makes jobs by calling tools through ours',
  );
});
