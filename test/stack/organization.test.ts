import * as cdk from 'aws-cdk-lib';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { type SettingsInput, settingsFrom } from '../../lib/settings.ts';
import { addStoreLocation, observeShop, synthesizeApp } from '../support/shop-stack.ts';
import { aTool, emptyBundles, ofType, type Resources, rolesOfFunctions, synthesize } from '../support/synthesized.ts';

vi.mock('../../lib/bundle.ts', async (original) => ({
  ...(await original<typeof import('../../lib/bundle.ts')>()),
  bundle: () => emptyBundles(),
}));

const jwt = { issuer: 'https://issuer.example.com/', audience: ['toolwatch'], scopes: ['call'] };
const domain = {
  name: 'tools.example.com',
  certificateArn: 'arn:aws:acm:eu-central-1:123456789012:certificate/0f1e2d3c-0000-0000-0000-000000000000',
  hostedZoneId: 'Z0123456789',
};
/** Settings that differ in which resources are deployed. */
const KINDS = {
  'the smallest deployment': { monitoring: 'lean', drill: false, smokeTest: false, toolGroups: 0 },
  'everything on an instance': {
    frontDoor: { kind: 'http-api', jwt, domain },
    rollout: { kind: 'canary', percent: 10, everyMinutes: 40 },
    database: { proxy: true },
    alarms: { callerFaultShift: true },
    alerts: { critical: { emails: ['a@example.com'], https: ['https://pager.example.com'] } },
    topicEncryption: 'key',
    queues: [{ name: 'orders' }],
    checks: [{ kind: 'http', name: 'shop_api', url: 'https://shop.example.com/ping' }],
    mutes: [{ name: 'night', reason: 'backup', at: 'cron(0 2 * * *)', minutes: 60, alarms: ['tool/*/slow'] }],
    tracing: true,
  },
  'Aurora behind Function URLs': { database: { kind: 'aurora', multiAz: true, proxy: 'unused' } },
} satisfies Record<string, SettingsInput>;
const tools = [aTool({ provider: 'shop', secrets: ['SHOP_KEY'] }), aTool({ name: 'place_order', asksApi: true })];

/** The app of each kind, and a store in another app, with the same rules. */
const deployments = (rules: SettingsInput): [kind: string, resources: Resources][] => {
  const app = new cdk.App();
  const stack = new cdk.Stack(app, 'Shop');
  const store = addStoreLocation(new cdk.Stack(app, 'Data'));
  observeShop(stack, { settings: rules, store });
  return [
    ...Object.entries(KINDS).map(([kind, settings]): [string, Resources] => [
      kind,
      synthesize({ ...settings, ...rules }, tools).resources,
    ]),
    ['a store in another app', synthesizeApp(app).templates.Shop?.Resources ?? {}],
  ];
};

const rolesIn = (resources: Resources) => ofType(resources, 'AWS::IAM::Role').map(({ Properties }) => Properties);
const BOUNDARY = 'arn:aws:iam::123456789012:policy/team/boundary';

describe('rules for roles', () => {
  const bounded = deployments({
    roles: { permissionsBoundary: BOUNDARY, namePrefix: 'acme-', path: '/toolwatch/' },
  });

  test.each(bounded)('hold for every role of %s, those that the CDK adds included', (_, resources) => {
    const roles = rolesIn(resources);
    expect(roles.length).toBeGreaterThan(5);
    for (const role of roles) {
      expect(role).toMatchObject({ PermissionsBoundary: BOUNDARY, Path: '/toolwatch/' });
      expect(JSON.stringify(role.RoleName)).toMatch(
        /^\{"Fn::Join":\["",\["acme-[A-Za-z0-9]+-[0-9a-f]{8}-",\{"Ref":"AWS::Region"\}\]\]\}$/,
      );
    }
    expect(new Set(roles.map(({ RoleName }) => JSON.stringify(RoleName))).size).toBe(roles.length);
    expect(ofType(resources, 'AWS::IAM::User', 'AWS::IAM::Group', 'AWS::IAM::ManagedPolicy')).toEqual([]);
  });

  test('without them CloudFormation names roles, and nothing bounds them', () => {
    for (const role of rolesIn(synthesize({}, tools).resources)) {
      expect(role).not.toHaveProperty('PermissionsBoundary');
      expect(role).not.toHaveProperty('RoleName');
      expect(role).not.toHaveProperty('Path');
    }
  });

  test("a boundary's name is that of a policy of the account", () => {
    const [role] = rolesIn(synthesize({ roles: { permissionsBoundary: 'team/boundary' } }, tools).resources);
    expect(JSON.stringify(role.PermissionsBoundary)).toBe(
      '{"Fn::Join":["",["arn:",{"Ref":"AWS::Partition"},":iam::",{"Ref":"AWS::AccountId"},":policy/team/boundary"]]}',
    );
  });

  test('no two environments, regions, services or paths have a name of a role in common', () => {
    const namesOf = (settings: SettingsInput) =>
      rolesIn(synthesize({ ...settings, roles: { namePrefix: 'acme-', ...settings.roles } }, tools).resources).map(
        ({ RoleName }) => JSON.stringify(RoleName),
      );
    const account = '123456789012';
    const names = [
      { account, region: 'eu-central-1' },
      { account, region: 'us-east-1' },
      { account, region: 'us-east-1', environment: 'staging' },
      { account, region: 'us-east-1', service: 'shop' },
      { account, region: 'us-east-1', roles: { path: '/toolwatch/' } },
    ].flatMap(namesOf);
    expect(new Set(names).size).toBe(names.length);
  });

  test('with the longest prefix in the region with the longest name, no name is too long', () => {
    const roles = { namePrefix: 'p'.repeat(30) };
    const { resources } = synthesize(
      { account: '123456789012', region: 'ap-southeast-2', deploymentName: 'a'.repeat(40), roles },
      tools,
    );
    for (const { RoleName } of rolesIn(resources)) expect(RoleName).toMatch(/^p{30}[\w-]{10,34}$/);
  });

  test.each<[SettingsInput['roles'], string]>([
    [
      { permissionsBoundary: 'arn:aws:iam::1:policy/x' },
      'roles.permissionsBoundary: write the ARN of a managed policy',
    ],
    [{ permissionsBoundary: '' }, 'roles.permissionsBoundary: write the ARN'],
    [{ path: 'toolwatch' }, 'roles.path: write a path with a slash at both ends'],
    [{ path: '//' }, 'roles.path: write a path'],
    [{ namePrefix: 'a b' }, 'roles.namePrefix: write letters'],
    [{ namePrefix: 'x'.repeat(31) }, 'roles.namePrefix: '],
    [{ boundaryFile: 'boundary.json' }, 'roles.boundaryFile: there is no boundary; write permissionsBoundary'],
  ])('%j is refused in a sentence', (roles, sentence) => {
    expect(() => settingsFrom({ roles })).toThrow(`Setting ${sentence}`);
  });
});

describe('tags', () => {
  const tags = { 'cost-center': '4711', 'acme:team': 'search' };

  /** Types of resources that have no tags in CloudFormation, or none in the CDK, where the stack's own are added. */
  const UNTAGGED = [
    'AWS::ApiGatewayV2::ApiMapping',
    'AWS::ApiGatewayV2::Authorizer',
    'AWS::ApiGatewayV2::Integration',
    'AWS::ApiGatewayV2::Route',
    'AWS::CodeDeploy::DeploymentConfig',
    'AWS::Cognito::ManagedLoginBranding',
    'AWS::Cognito::UserPoolClient',
    'AWS::Cognito::UserPoolDomain',
    'AWS::Cognito::UserPoolGroup',
    'AWS::Cognito::UserPoolResourceServer',
    'AWS::EC2::SecurityGroupEgress',
    'AWS::EC2::SecurityGroupIngress',
    'AWS::EC2::SubnetRouteTableAssociation',
    'AWS::Glue::Database',
    'AWS::Glue::Table',
    'AWS::Lambda::Alias',
    'AWS::Lambda::EventInvokeConfig',
    'AWS::Lambda::Permission',
    'AWS::Lambda::Url',
    'AWS::Lambda::Version',
    'AWS::Logs::MetricFilter',
    'AWS::Logs::QueryDefinition',
    'AWS::Logs::SubscriptionFilter',
    'AWS::Route53::RecordSet',
    'AWS::S3::BucketPolicy',
    'AWS::SNS::Subscription',
    'AWS::SNS::TopicPolicy',
    'AWS::SQS::QueuePolicy',
    'AWS::Scheduler::Schedule',
    'Custom::Trigger',
  ];

  const hasTags = (Tags: unknown): boolean =>
    Object.entries(tags).every(([Key, Value]) =>
      Array.isArray(Tags)
        ? Tags.some((tag) => tag.Key === Key && tag.Value === Value)
        : (Tags as Record<string, string> | undefined)?.[Key] === Value,
    );

  test('are on everything that can have tags', () => {
    const all = deployments({ tags }).flatMap(([, resources]) => Object.values(resources));
    const tagsOf = ({ Properties }: (typeof all)[number]) => Properties?.Tags ?? Properties?.UserPoolTags;
    const untagged = all.filter((resource) => !hasTags(tagsOf(resource))).map(({ Type }) => Type);
    expect([...new Set(untagged)].sort()).toEqual(UNTAGGED);
    const tagged = new Set(all.filter((resource) => hasTags(tagsOf(resource))).map(({ Type }) => Type));
    expect(UNTAGGED.filter((type) => tagged.has(type))).toEqual([]);
  });

  test('leave the severity and the owner of alarms as they are', () => {
    const { resources } = synthesize({ tags }, tools);
    const [alarm] = ofType(resources, 'AWS::CloudWatch::Alarm');
    expect(alarm?.Properties.Tags.map(({ Key }: { Key: string }) => Key)).toEqual(
      expect.arrayContaining(['severity', 'owner', 'cost-center']),
    );
  });

  test('whatever is accepted is a tag that AWS takes, and ours stay ours', () => {
    const name = fc.oneof(fc.string({ maxLength: 130 }), fc.constantFrom('owner', 'severity', 'aws:x', 'constructor'));
    fc.assert(
      fc.property(name, fc.string({ maxLength: 260 }), (key, value) => {
        try {
          expect(settingsFrom({ tags: { [key]: value } }).tags).toEqual({ [key]: value });
        } catch (error) {
          expect(String(error)).toMatch(/Setting tags/);
          return;
        }
        expect(key).toMatch(
          /^(?!aws:|owner$|severity$|service$|environment$|part-of$)[\p{L}\p{Z}\p{N}_.:/=+@-]{1,128}$/iu,
        );
        expect(value).toMatch(/^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+@-]{0,256}$/iu);
      }),
    );
  });
});

describe('a network that exists', () => {
  const network = { vpcId: 'vpc-0a1b2c3d', subnetIds: ['subnet-0a1b2c3d', 'subnet-1a1b2c3d', 'subnet-2a1b2c3d'] };
  const inNetwork = (more: object = {}) =>
    Object.entries(KINDS).map(([kind, settings]): [string, Resources] => [
      kind,
      synthesize({ ...settings, network: { ...network, ...more } }, tools).resources,
    ]);

  test.each(inNetwork())(
    'is used as it is by %s: nothing of a network is created but security groups',
    (_, resources) => {
      const created = Object.values(resources).map(({ Type }) => Type);
      const ofNetwork = created.filter((type) => type.startsWith('AWS::EC2::'));
      expect([...new Set(ofNetwork)].sort()).toEqual([
        'AWS::EC2::SecurityGroup',
        'AWS::EC2::SecurityGroupEgress',
        'AWS::EC2::SecurityGroupIngress',
      ]);
      for (const { Properties } of ofType(resources, 'AWS::EC2::SecurityGroup')) {
        expect(Properties.VpcId).toBe(network.vpcId);
      }
      const [subnets] = ofType(resources, 'AWS::RDS::DBSubnetGroup');
      expect(subnets?.Properties.SubnetIds).toEqual(network.subnetIds);
      for (const { Properties } of ofType(resources, 'AWS::RDS::DBProxy')) {
        expect(Properties.VpcSubnetIds).toEqual(network.subnetIds);
      }
      const inside = ofType(resources, 'AWS::Lambda::Function').filter(({ Properties }) => Properties.VpcConfig);
      expect(inside.length).toBe(6);
      for (const { Properties } of inside) expect(Properties.VpcConfig.SubnetIds).toEqual(network.subnetIds);
    },
  );

  test.each(inNetwork({ allFunctions: true }))('has every function of %s when all must be in one', (_, resources) => {
    const functions = ofType(resources, 'AWS::Lambda::Function');
    expect(functions.length).toBeGreaterThan(10);
    for (const { Properties } of functions) {
      expect(Properties.VpcConfig?.SubnetIds, Properties.FunctionName).toEqual(network.subnetIds);
      expect(Properties.VpcConfig.SecurityGroupIds).toHaveLength(1);
    }
    const roles = rolesIn(resources).filter((role) =>
      JSON.stringify(role.AssumeRolePolicyDocument).includes('lambda.amazonaws.com'),
    );
    for (const role of roles) expect(JSON.stringify(role.Policies)).toContain('ec2:CreateNetworkInterface');
  });

  test('still lets only the functions with database connections reach the database', () => {
    const { resources } = synthesize({ network: { ...network, allFunctions: true } }, tools);
    const groups = ofType(resources, 'AWS::EC2::SecurityGroup').map(({ Properties }) => Properties.GroupDescription);
    expect(groups.sort()).toEqual([
      'Lets the functions that may reach the database in',
      'May call anything and be called by nothing',
      'May reach the database and nothing else',
    ]);
    expect(ofType(resources, 'AWS::EC2::SecurityGroupIngress')).toHaveLength(1);
    const wayOut = ofType(resources, 'AWS::EC2::SecurityGroup').flatMap(
      ({ Properties }) => Properties.SecurityGroupEgress ?? [],
    );
    expect(wayOut.filter(({ CidrIp }) => CidrIp === '0.0.0.0/0')).toHaveLength(1);
  });

  test.each<[object, RegExp]>([
    [{ ...network, vpcId: 'vpc' }, /network.vpcId: write the id of a VPC/],
    [{ ...network, subnetIds: ['subnet-0a1b2c3d'] }, /network.subnetIds: write subnets of at least two/],
    [{ ...network, subnetIds: ['subnet-0a1b2c3d', 'subnet-0a1b2c3d'] }, /subnet-0a1b2c3d is listed twice/],
    [{ vpcId: network.vpcId }, /Setting network.subnetIds/],
  ])('is refused in a sentence: %j', (given, sentence) => {
    expect(() => settingsFrom({ network: given as never })).toThrow(sentence);
  });

  test('is refused for another app, which states its own', () => {
    expect(() => observeShop(new cdk.Stack(new cdk.App(), 'Shop'), { settings: { network } })).toThrow(
      /Setting network: .*state it in store/,
    );
  });
});

describe('keys that exist', () => {
  const keyOf = (digit: number) =>
    `arn:aws:kms:eu-central-1:123456789012:key/${digit}a1b2c3d-0000-4444-8888-000000000000`;
  const topicEncryption = keyOf(0);
  const keys = {
    logs: keyOf(1),
    payloads: keyOf(2),
    archive: keyOf(6),
    database: keyOf(3),
    secrets: keyOf(4),
    queues: keyOf(5),
  };
  const withKeys = Object.entries(KINDS).map(([kind, settings]): [string, Resources] => [
    kind,
    synthesize({ ...settings, keys, topicEncryption }, tools).resources,
  ]);
  const propertiesOf = (resources: Resources, ...types: string[]) =>
    ofType(resources, ...types).map(({ Properties }) => Properties);

  test.each(withKeys)(
    'encrypt every log group, topic, bucket, secret, queue and database of %s, and none is created',
    (_, resources) => {
      for (const { KmsKeyId, LogGroupName } of propertiesOf(resources, 'AWS::Logs::LogGroup')) {
        expect(KmsKeyId, LogGroupName).toBe(keys.logs);
      }
      for (const { KmsMasterKeyId } of propertiesOf(resources, 'AWS::SNS::Topic')) {
        expect(KmsMasterKeyId).toBe(topicEncryption);
      }
      const ofBuckets = propertiesOf(resources, 'AWS::S3::Bucket').map(
        ({ BucketEncryption }) => /"KMSMasterKeyID":"([^"]+)"/.exec(JSON.stringify(BucketEncryption))?.[1],
      );
      expect(ofBuckets.sort()).toEqual([keys.payloads, keys.archive]);
      const secrets = propertiesOf(resources, 'AWS::SecretsManager::Secret');
      expect(secrets.length).toBeGreaterThan(0);
      for (const { KmsKeyId } of secrets) expect(KmsKeyId).toBe(keys.secrets);
      const queues = propertiesOf(resources, 'AWS::SQS::Queue');
      expect(queues.length).toBeGreaterThan(2);
      for (const queue of queues) {
        expect(queue.KmsMasterKeyId).toBe(keys.queues);
        expect(queue).not.toHaveProperty('SqsManagedSseEnabled');
      }
      const databases = propertiesOf(resources, 'AWS::RDS::DBCluster', 'AWS::RDS::DBInstance');
      for (const { KmsKeyId, PerformanceInsightsKMSKeyId, DBClusterIdentifier } of databases) {
        if (!DBClusterIdentifier) expect(KmsKeyId).toBe(keys.database);
        expect([undefined, keys.database]).toContain(PerformanceInsightsKMSKeyId);
      }
      expect(databases.length).toBeGreaterThan(0);
      expect(ofType(resources, 'AWS::KMS::Key')).toEqual([]);
    },
  );

  test.each(withKeys)('let ingest, and nobody else, encrypt payloads of %s', (_, resources) => {
    const users = Object.entries(rolesOfFunctions(resources))
      .filter(([, statements]) => JSON.stringify(statements).includes(keys.payloads))
      .map(([name]) => name);
    expect(users).toEqual(['toolwatch-ingest']);
  });

  test.each(withKeys)(
    'let who reads secrets, or sends to queues or reads them, of %s use their keys, and nobody else',
    (_, resources) => {
      const roles = rolesIn(resources).map((role) => JSON.stringify(role.Policies ?? ''));
      for (const [key, action] of [
        [keys.secrets, /secretsmanager:GetSecretValue/],
        [keys.queues, /sqs:(Send|Receive)Message/],
      ] as const) {
        const users = roles.filter((policies) => policies.includes(key));
        expect(users.length).toBeGreaterThan(0);
        expect(roles.filter((policies) => action.test(policies))).toEqual(users);
      }
    },
  );

  test('for queues are those of another app as well', () => {
    const app = new cdk.App();
    const stack = new cdk.Stack(app, 'Shop');
    const settings = { keys: { queues: keys.queues }, alerts: { critical: { https: ['https://pager.example.com'] } } };
    observeShop(stack, { settings, store: addStoreLocation(stack) });
    const queues = propertiesOf(synthesizeApp(app).templates.Shop?.Resources ?? {}, 'AWS::SQS::Queue');
    expect(queues).toHaveLength(4);
    for (const { KmsMasterKeyId } of queues) expect(KmsMasterKeyId).toBe(keys.queues);
  });

  test('for log groups are those of another app as well, whose database and bucket have their own', () => {
    const stack = new cdk.Stack(new cdk.App(), 'Shop');
    const store = addStoreLocation(stack);
    observeShop(stack, { settings: { keys: { logs: keys.logs } }, store });
    const { templates } = synthesizeApp(stack.node.root as cdk.App);
    const groups = propertiesOf(templates.Shop?.Resources ?? {}, 'AWS::Logs::LogGroup');
    expect(groups.length).toBeGreaterThan(4);
    for (const { KmsKeyId } of groups) expect(KmsKeyId).toBe(keys.logs);
    expect(() => observeShop(new cdk.Stack(new cdk.App(), 'Shop'), { settings: { keys } })).toThrow(
      /Setting keys: .*write logs and queues only/,
    );
  });

  test.each<[SettingsInput, RegExp]>([
    [{ keys: { logs: 'alias/logs' } }, /Setting keys.logs: write the ARN of a KMS key/],
    [{ topicEncryption: 'alias/aws/sns' }, /Setting topicEncryption: /],
    [
      { account: '123456789012', region: 'us-east-1', keys },
      /Setting keys.logs: the key is in eu-central-1 and the deployment in us-east-1; write a key of us-east-1/,
    ],
  ])('of the wrong form or region are refused in a sentence: %j', (settings, sentence) => {
    expect(() => settingsFrom(settings)).toThrow(sentence);
  });
});

describe('topics and a log group that exist', () => {
  const arnOf = (name: string, account = '123456789012') => `arn:aws:sns:eu-central-1:${account}:${name}`;
  const topics = { critical: arnOf('pager'), warning: arnOf('inbox') };
  const withExisting = Object.entries(KINDS).map(([kind, settings]): [string, Resources] => [
    kind,
    synthesize({ ...settings, alerts: {}, topics, callLogName: '/acme/tools' }, tools).resources,
  ]);
  const severityOf = (tags: { Key: string; Value: 'critical' | 'warning' }[]) =>
    tags.find(({ Key }) => Key === 'severity')?.Value ?? 'critical';

  test.each(withExisting)('are notified of every alarm of %s, and none is created but the inbox', (_, resources) => {
    const created = Object.entries(resources).filter(([, { Type }]) => Type === 'AWS::SNS::Topic');
    expect(created.map(([id]) => id.replace(/^.*\/|[0-9A-F]{8}$/g, '')).sort()).toEqual([
      'NotifyCritical',
      'NotifyWarning',
    ]);
    const notifier = JSON.stringify(rolesOfFunctions(resources)['toolwatch-notify']);
    for (const topic of Object.values(topics)) expect(notifier).toContain(topic);
    const alarms = ofType(resources, 'AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm');
    for (const { Properties } of alarms) {
      const { AlarmName, AlarmActions = [], OKActions = [], Tags } = Properties;
      if (Tags.some(({ Key }: { Key: string }) => Key === 'part-of')) continue;
      const severity = severityOf(Tags);
      const inbox = severity === 'critical' ? 'NotifyCritical' : 'NotifyWarning';
      expect(JSON.stringify(AlarmActions), AlarmName).toMatch(new RegExp(`${topics[severity]}|${inbox}`));
      expect(JSON.stringify(OKActions), AlarmName).toContain(inbox);
    }
    expect(alarms.length).toBeGreaterThan(10);
  });

  test.each(withExisting)('take the lines of %s, which ingest and the alarms read there', (_, resources) => {
    const names = ofType(resources, 'AWS::Logs::LogGroup').map(({ Properties }) => Properties.LogGroupName);
    expect(names.filter((name) => /calls|acme/.test(name))).toEqual([]);
    const writers = ofType(resources, 'AWS::Lambda::Function').filter(
      ({ Properties }) => Properties.LoggingConfig?.LogGroup === '/acme/tools',
    );
    expect(writers.length).toBeGreaterThan(3);
    const [subscription] = ofType(resources, 'AWS::Logs::SubscriptionFilter');
    expect(subscription?.Properties.LogGroupName).toBe('/acme/tools');
    const statement = JSON.stringify(rolesOfFunctions(resources)['toolwatch-gateway']);
    expect(statement).toContain(':log-group:/acme/tools:*');
    // The self-check looks at a log of its own.
    const aboutCalls = ofType(resources, 'AWS::CloudWatch::Alarm').filter(
      ({ Properties }) =>
        JSON.stringify(Properties).includes('"LogGroupName"') && !Properties.AlarmName.endsWith('monitoring/unchecked'),
    );
    for (const alarm of aboutCalls) expect(JSON.stringify(alarm)).toContain('"Value":"/acme/tools"');
  });

  test('one of them may be given: the other severity has a new one, with its recipients', () => {
    const settings = { topics: { critical: topics.critical }, alerts: { warning: { emails: ['a@example.com'] } } };
    const { resources } = synthesize(settings, tools);
    // Beside the two topics of the notifier's inbox, which its queue subscribes to.
    expect(ofType(resources, 'AWS::SNS::Topic')).toHaveLength(1 + 2);
    const protocols = ofType(resources, 'AWS::SNS::Subscription').map(({ Properties }) => Properties.Protocol);
    expect(protocols.sort()).toEqual(['email', 'sqs', 'sqs']);
  });

  test('in another account are notified, but neither the smoke test nor the drill asks for what it cannot see', () => {
    const place = { account: '123456789012', region: 'eu-central-1' };
    const elsewhere = { critical: arnOf('pager', '210987654321'), warning: topics.warning };
    const { resources } = synthesize({ ...place, topics: elsewhere, alerts: {} }, tools);
    const variables = ofType(resources, 'AWS::Lambda::Function').map(
      ({ Properties }) => Properties.Environment?.Variables,
    );
    expect(variables.flatMap((given) => given?.TOPICS_WITH_TARGETS ?? [])).toEqual([topics.warning]);
    expect(JSON.stringify(ofType(resources, 'AWS::CloudWatch::Alarm'))).not.toContain('"Value":"pager"');
  });

  test.each<[SettingsInput, string]>([
    [{ topics: { critical: 'pager' } }, 'Setting topics.critical: write the ARN of an SNS topic'],
    [{ topics: { critical: `${arnOf('pager')}.fifo` } }, 'Setting topics.critical: write the ARN of an SNS topic'],
    [
      { topics, alerts: { critical: { emails: ['a@example.com'] } } },
      'Setting alerts.critical: it has no effect beside topics.critical',
    ],
    [
      { topics, account: '123456789012', region: 'us-east-1' },
      'Setting topics.critical: the topic is in eu-central-1 and the deployment in us-east-1; write a topic of us-east-1',
    ],
    [{ callLogName: 'arn:aws:logs:eu-central-1:1:log-group:x' }, 'Setting callLogName: write the name of a log group'],
  ])(
    'of the wrong form or place, or beside settings that exclude them, are refused in a sentence: %j',
    (settings, sentence) => {
      expect(() => settingsFrom(settings)).toThrow(sentence);
    },
  );

  test.each<SettingsInput>([{ topics }, { callLogName: '/acme/tools' }])(
    'are refused among the settings of another app, which states them beside: %j',
    (settings) => {
      expect(() =>
        observeShop(new cdk.Stack(new cdk.App(), 'Shop'), { settings: { ...settings, alerts: {} } }),
      ).toThrow(/Settings callLogName and topics: both are stated beside settings here/);
    },
  );
});
