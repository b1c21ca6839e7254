import { describe, expect, test } from 'vitest';
import { AUDIT_SCHEMA } from '../../lambdas/contract/audit-line.ts';
import { INCIDENT_SCHEMA } from '../../lambdas/contract/incident-line.ts';
import { SCHEMA } from '../../lambdas/contract/vocabulary.ts';
import {
  aTool,
  listOf,
  ofType,
  type Resources,
  rolesOfFunctions,
  type Statement,
  synthesize,
} from '../support/synthesized.ts';

const { resources, outputs, perStack } = synthesize({
  alerts: { critical: { emails: ['a@example.com'], https: ['https://example.com/hook'] } },
});
const functions = ofType(resources, 'AWS::Lambda::Function').filter(({ Properties }) => Properties.FunctionName);
const functionNamed = (name: string) => {
  const found = functions.find(({ Properties }) => Properties.FunctionName === name);
  if (!found) throw new Error(`There is no function ${name}`);
  return found.Properties;
};
const only = (type: string, deployed: Resources = resources) => {
  const found = ofType(deployed, type);
  if (!found[0] || found.length > 1) throw new Error(`There are ${found.length} resources of the type ${type}`);
  return found[0].Properties;
};

describe('lines', () => {
  test('tools, gateway and api share one log group, of the only class with metrics and subscriptions', () => {
    const writers = functions.filter(({ Properties }) =>
      JSON.stringify(Properties.LoggingConfig.LogGroup).includes('Calls'),
    );
    expect(writers.map(({ Properties }) => Properties.FunctionName).sort()).toEqual([
      'toolwatch-api',
      'toolwatch-gateway',
      'toolwatch-tool-order_status',
      'toolwatch-tool-place_order',
    ]);
    expect(
      ofType(resources, 'AWS::Logs::LogGroup').find(({ Properties }) => Properties.LogGroupName === '/toolwatch/calls')
        ?.Properties.LogGroupClass,
    ).toBe('STANDARD');
  });

  test('every function logs JSON at INFO, so that its metrics are not dropped, and the platform at WARN', () => {
    for (const { Properties } of functions) {
      expect(Properties.LoggingConfig, Properties.FunctionName).toMatchObject({
        LogFormat: 'JSON',
        ApplicationLogLevel: 'INFO',
        SystemLogLevel: 'WARN',
      });
    }
  });

  test('every log group has a retention', () => {
    for (const { Properties } of ofType(resources, 'AWS::Logs::LogGroup'))
      expect(Properties.RetentionInDays, Properties.LogGroupName).toBe(14);
  });

  test('ingest gets only the lines of calls, evaluations, incidents and the audit, and only their log groups may invoke it', () => {
    const filters = ofType(resources, 'AWS::Logs::SubscriptionFilter').map(({ Properties }) => Properties);
    expect(filters.map(({ FilterPattern }) => FilterPattern).sort()).toEqual([
      `{ $.schema = "${AUDIT_SCHEMA}" }`,
      `{ $.schema = "${INCIDENT_SCHEMA}" }`,
      `{ $.schema = "${SCHEMA}" }`,
      `{ $.schema = "${SCHEMA}" }`,
    ]);
    const permissions = ofType(resources, 'AWS::Lambda::Permission').map(({ Properties }) => Properties);
    const ofIngest = permissions.filter(({ FunctionName }) => /Ingest/.test(JSON.stringify(FunctionName)));
    expect(ofIngest.map(({ Principal }) => Principal)).toEqual(
      ['calls', 'incidents', 'audit', 'evaluations'].map(() => 'logs.amazonaws.com'),
    );
    // API Gateway invokes the functions behind the front door, and nothing else invokes any.
    expect(new Set(permissions.map(({ Principal }) => Principal))).toEqual(
      new Set(['logs.amazonaws.com', 'apigateway.amazonaws.com']),
    );
    expect(ofIngest.map(({ SourceArn }) => JSON.stringify(SourceArn)).sort()).toEqual([
      expect.stringMatching(/GetAtt.*Notify.*Arn/),
      expect.stringMatching(/GetAtt.*Operate.*Arn/),
      expect.stringMatching(/GetAtt.*Refresh.*Arn/),
      expect.stringMatching(/ImportValue.*Calls.*Arn/),
    ]);
  });

  test('payloads that ingest cannot store are retained', () => {
    const destinations = ofType(resources, 'AWS::Lambda::EventInvokeConfig').map(
      ({ Properties }) => Properties.DestinationConfig?.OnFailure?.Destination,
    );
    expect(destinations.filter(Boolean)).toEqual([{ 'Fn::ImportValue': expect.stringMatching(/KeptPayloads.*Arn/) }]);
  });
});

describe('the network', () => {
  test('has no route to the internet', () => {
    expect(ofType(resources, 'AWS::EC2::NatGateway', 'AWS::EC2::InternetGateway', 'AWS::EC2::Route')).toEqual([]);
    expect(only('AWS::EC2::VPCEndpoint').VpcEndpointType).toBe('Gateway');
  });

  test('contains the functions that connect to the database, and no others', () => {
    const inside = functions
      .filter(({ Properties }) => Properties.VpcConfig)
      .map(({ Properties }) => Properties.FunctionName);
    expect(inside.sort()).toEqual(
      ['api', 'archive', 'ingest', 'migrate', 'refresh', 'retention', 'sql'].map((name) => `toolwatch-${name}`),
    );
  });

  test('bounds database connections by reserved concurrency, far below what the smallest instance allows', () => {
    const reserved = functions
      .filter(({ Properties }) => Properties.VpcConfig)
      .map(({ Properties }) => Properties.ReservedConcurrentExecutions);
    expect(reserved.every((count) => count >= 1)).toBe(true);
    expect(reserved.reduce((sum, count) => sum + count, 0)).toBeLessThan(40);
  });
});

describe('the database', () => {
  test('has no password, and each function signs in as a user of its own', () => {
    const database = only('AWS::RDS::DBInstance');
    expect(database).toMatchObject({
      EngineVersion: '18',
      MasterUserAuthenticationType: 'iam-db-auth',
      EnableIAMDatabaseAuthentication: true,
      DeletionProtection: true,
      PubliclyAccessible: false,
      StorageEncrypted: true,
    });
    expect(database.MasterUserPassword ?? database.ManageMasterUserPassword).toBeUndefined();
    expect(ofType(resources, 'AWS::SecretsManager::Secret')).toEqual([]);
    const users = functions.flatMap(({ Properties }) => Properties.Environment.Variables.DATABASE_USER ?? []);
    expect(users.sort()).toEqual(
      ['archive', 'operator_sql', 'owner', 'reader', 'refresher', 'retention', 'writer'].map(
        (role) => `toolwatch_${role}`,
      ),
    );
  });

  test('is migrated before the functions that use it are deployed', () => {
    const [app = {}] = Object.entries(perStack)
      .filter(([name]) => name === 'ToolwatchApp')
      .map(([, own]) => own);
    const trigger = Object.entries(app).find(([, { Type }]) => Type === 'Custom::Trigger')?.[0];
    for (const name of ['ingest', 'refresh', 'retention', 'archive', 'api', 'sql']) {
      const found = Object.values(app).find(({ Properties }) => Properties?.FunctionName === `toolwatch-${name}`);
      expect(found?.DependsOn, name).toContain(trigger);
    }
  });

  test('and the other resources with data outlive the app', () => {
    const surviving = Object.values(resources).filter(
      ({ Type, DeletionPolicy }) => /DBInstance|Bucket$|LogGroup/.test(Type) && DeletionPolicy !== 'Delete',
    );
    expect(surviving.map(({ Type, DeletionPolicy }) => `${Type} ${DeletionPolicy}`).sort()).toEqual([
      'AWS::Logs::LogGroup RetainExceptOnCreate',
      'AWS::RDS::DBInstance Snapshot',
      'AWS::S3::Bucket RetainExceptOnCreate',
      'AWS::S3::Bucket RetainExceptOnCreate',
    ]);
  });
});

describe('notifications', () => {
  test('may be published by CloudWatch to each topic, over TLS only', () => {
    const policies = ofType(resources, 'AWS::SNS::TopicPolicy');
    expect(policies).toHaveLength(4);
    for (const { Properties } of policies) {
      expect(Properties.PolicyDocument.Statement).toEqual(
        expect.arrayContaining([
          expect.objectContaining({
            Effect: 'Allow',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Action: 'sns:Publish',
          }),
          expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        ]),
      );
    }
  });

  test('may be encrypted by CloudWatch with the key, where there is one', () => {
    const key = only('AWS::KMS::Key', synthesize({ topicEncryption: 'key' }).resources);
    expect(key.KeyPolicy.Statement).toContainEqual(
      expect.objectContaining({
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      }),
    );
  });

  test('go to a queue when they are undelivered, those by e-mail as well', () => {
    const subscriptions = ofType(resources, 'AWS::SNS::Subscription').filter(
      ({ Properties }) => Properties.Protocol !== 'sqs',
    );
    expect(new Set(subscriptions.map(({ Properties }) => Properties.Protocol))).toEqual(new Set(['email', 'https']));
    for (const { Properties } of subscriptions) expect(Properties.RedrivePolicy.deadLetterTargetArn).toBeDefined();
  });
});

describe('the notifier', () => {
  const mappings = ofType(resources, 'AWS::Lambda::EventSourceMapping');

  test('reads both severities from one queue, and puts aside what it cannot take', () => {
    const inbox = ofType(resources, 'AWS::SNS::Subscription').filter(({ Properties }) => Properties.Protocol === 'sqs');
    expect(inbox).toHaveLength(2);
    const queues = ofType(resources, 'AWS::SQS::Queue').filter(({ Properties }) => Properties.RedrivePolicy);
    expect(queues.map(({ Properties }) => Properties)).toEqual(
      ['alarms', 'custom notices'].map(() =>
        expect.objectContaining({
          SqsManagedSseEnabled: true,
          RedrivePolicy: expect.objectContaining({ maxReceiveCount: 30 }),
        }),
      ),
    );
    expect(mappings.map(({ Properties }) => Properties)).toEqual([
      expect.objectContaining({
        BatchSize: 100,
        MaximumBatchingWindowInSeconds: 1,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
      }),
      expect.objectContaining({ BatchSize: 10, FunctionResponseTypes: ['ReportBatchItemFailures'] }),
    ]);
  });

  test('has a queue whose messages stay invisible for longer than a run takes', () => {
    const { Timeout, ReservedConcurrentExecutions } = functionNamed('toolwatch-notify');
    const queues = ofType(resources, 'AWS::SQS::Queue').filter(({ Properties }) => Properties.VisibilityTimeout);
    expect(queues).toHaveLength(2);
    for (const { Properties } of queues) expect(Properties.VisibilityTimeout).toBeGreaterThanOrEqual(6 * Timeout);
    const batches = mappings.map(({ Properties }) => Properties.ScalingConfig.MaximumConcurrency);
    expect(ReservedConcurrentExecutions).toBeGreaterThan(batches.reduce((sum, count) => sum + count, 0));
  });

  test('may use the key of the topics, where there is one', () => {
    const encrypted = rolesOfFunctions(synthesize({ topicEncryption: 'key' }).resources)['toolwatch-notify'] ?? [];
    const [withKey] = encrypted.filter(({ Action }) => listOf(Action).includes('kms:Decrypt'));
    expect(withKey?.Action).toEqual(['kms:Decrypt', 'kms:GenerateDataKey']);
    expect(JSON.stringify(withKey?.Resource)).toContain('TopicsKey');
  });

  test('does not depend on the database or its network', () => {
    expect(functionNamed('toolwatch-notify').VpcConfig).toBeUndefined();
  });
});

describe('events of deployments', () => {
  const rulesOf = (deployed: Resources) => ofType(deployed, 'AWS::Events::Rule').map(({ Properties }) => Properties);

  test('of both stacks, and of no other, go to the notifier’s queue, and nowhere else but to what is unread', () => {
    const [rule, ...others] = rulesOf(resources);
    expect(others).toEqual([]);
    expect(rule.EventPattern).toMatchObject({
      source: ['aws.cloudformation'],
      'detail-type': ['CloudFormation Stack Status Change'],
    });
    const prefixes = JSON.stringify(rule.EventPattern.detail['stack-id']);
    for (const stack of ['ToolwatchData', 'ToolwatchApp']) expect(prefixes).toContain(`:stack/${stack}/`);
    expect(rule.Targets).toEqual([
      {
        Id: 'Target0',
        Arn: { 'Fn::GetAtt': [expect.stringMatching(/^NotifyQueue/), 'Arn'] },
        DeadLetterConfig: { Arn: { 'Fn::GetAtt': [expect.stringMatching(/^NotifyUnread/), 'Arn'] } },
      },
    ]);
  });

  test('of shifts that are stopped go there too, where calls move gradually', () => {
    const gradual = synthesize({ rollout: { kind: 'linear', percent: 20, everyMinutes: 5 } }).resources;
    const shifts = rulesOf(gradual).find(({ EventPattern }) => EventPattern.source[0] === 'aws.codedeploy');
    expect(shifts?.EventPattern.detail).toEqual({ application: ['toolwatch-tools'], state: ['FAILURE', 'STOP'] });
    const applications = ofType(gradual, 'AWS::CodeDeploy::Application').map(
      ({ Properties }) => Properties.ApplicationName,
    );
    expect(applications).toEqual(['toolwatch-tools']);
  });
});

describe('least privilege', () => {
  const roles = rolesOfFunctions(resources);
  const may = (name: string) =>
    (roles[name] ?? [])
      .filter(({ Effect }) => Effect === 'Allow')
      .flatMap(({ Action }) => listOf(Action))
      .filter((action) => !/^(ec2|logs):/.test(action));

  test('each function may do what its connections need', () => {
    expect(
      Object.fromEntries(
        Object.keys(roles)
          .sort()
          .map((name) => [name, may(name)]),
      ),
    ).toEqual({
      'toolwatch-api': ['rds-db:connect'],
      'toolwatch-archive': ['rds-db:connect', 's3:DeleteObject', 's3:GetObject', 's3:PutObject', 's3:ListBucket'],
      'toolwatch-completeness': ['lambda:InvokeFunction', 'cloudwatch:GetMetricData'],
      'toolwatch-drill': [
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'cloudwatch:GetMetricData',
        'sns:ListSubscriptionsByTopic',
      ],
      'toolwatch-gateway': ['lambda:InvokeFunction'],
      'toolwatch-ingest': ['rds-db:connect', 's3:PutObject', 's3:ListBucket'],
      'toolwatch-migrate': ['rds-db:connect'],
      'toolwatch-notify': [
        'sqs:DeleteMessage',
        'sqs:GetQueueAttributes',
        'sqs:ReceiveMessage',
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'lambda:InvokeFunction',
        'sns:Publish',
      ],
      'toolwatch-operate': [
        'cloudwatch:DescribeAlarmHistory',
        'cloudwatch:DescribeAlarms',
        'cloudwatch:ListAlarmMuteRules',
        'cloudwatch:GetAlarmMuteRule',
        'cloudwatch:PutAlarmMuteRule',
        'cloudwatch:DeleteAlarmMuteRule',
        'cloudwatch:DescribeAlarmContributors',
        'cloudwatch:GetMetricData',
        'dynamodb:GetItem',
        'sqs:SendMessage',
      ],
      'toolwatch-payloads': ['s3:ListBucket'],
      'toolwatch-refresh': ['rds-db:connect'],
      'toolwatch-retention': ['rds-db:connect'],
      'toolwatch-self-check': [
        'cloudwatch:DescribeAlarmHistory',
        'cloudwatch:DescribeAlarms',
        'cloudwatch:ListAlarmMuteRules',
        'cloudwatch:GetAlarmMuteRule',
        'cloudwatch:GetMetricData',
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'sns:ListSubscriptionsByTopic',
      ],
      'toolwatch-smoke': [
        'lambda:InvokeFunction',
        'cloudwatch:DescribeAlarms',
        'cloudwatch:GetMetricData',
        'sns:ListSubscriptionsByTopic',
      ],
      'toolwatch-sql': ['rds-db:connect'],
      'toolwatch-tool-order_status': [],
      'toolwatch-tool-place_order': ['lambda:InvokeFunction'],
    });
  });

  test('no action is a pattern, and no resource is a wildcard except where AWS allows no other', () => {
    const allowed = Object.values(roles)
      .flat()
      .filter(({ Effect }) => Effect === 'Allow');
    expect(allowed.flatMap(({ Action }) => listOf(Action)).filter((action) => action.includes('*'))).toEqual([]);
    const everywhere = allowed.filter(({ Resource }) => Resource === '*').flatMap(({ Action }) => listOf(Action));
    const unscoped = [
      'cloudwatch:DescribeAlarmHistory',
      'cloudwatch:DescribeAlarmContributors',
      'cloudwatch:ListAlarmMuteRules',
      'cloudwatch:DescribeAlarms',
      'cloudwatch:GetMetricData',
    ];
    expect(everywhere.filter((action) => !action.startsWith('ec2:') && !unscoped.includes(action))).toEqual([]);
  });

  test('no function may create a log group, which would lack the subscription', () => {
    const actions = Object.values(roles)
      .flat()
      .flatMap(({ Action }: Statement) => listOf(Action));
    expect(actions).not.toContain('logs:CreateLogGroup');
  });

  test('the gateway may call each tool of the list by name', () => {
    const [call] = (roles['toolwatch-gateway'] ?? []).filter(({ Action }) => Action === 'lambda:InvokeFunction');
    expect(JSON.stringify(call?.Resource)).toMatch(/toolwatch-tool-order_status.*toolwatch-tool-place_order/);
    expect(JSON.stringify(call?.Resource)).not.toContain('*');
  });

  test('a function in the network may sign in as its own database users and as no other', () => {
    for (const { Properties } of functions.filter((candidate) => candidate.Properties.VpcConfig)) {
      const { DATABASE_USER, DATABASE_TENANT_USER, DATABASE_EDITOR } = Properties.Environment.Variables;
      const connects = (roles[Properties.FunctionName] ?? []).filter(({ Action }) => Action === 'rds-db:connect');
      const users = [...JSON.stringify(connects.map(({ Resource }) => Resource)).matchAll(/\/(toolwatch_\w+)"/g)];
      expect(users.map(([, user]) => user).sort()).toEqual(
        [DATABASE_USER, DATABASE_TENANT_USER, DATABASE_EDITOR].filter(Boolean).sort(),
      );
    }
  });
});

describe('the endpoints', () => {
  test('require a token or, as Function URLs, an IAM signature, and are the outputs', () => {
    const open = ofType(resources, 'AWS::ApiGatewayV2::Route')
      .map(({ Properties }) => Properties)
      .filter(({ AuthorizationType }) => AuthorizationType !== 'JWT');
    expect(
      open
        .map(({ RouteKey }) => RouteKey)
        .filter((key) => !/ (\/|\/reference|\/v1\/openapi.json|\/\.well-known\/.*)$/.test(key)),
    ).toEqual([]);
    const urls = ofType(synthesize({ frontDoor: { kind: 'function-url' } }).resources, 'AWS::Lambda::Url');
    expect(urls.map(({ Properties }) => Properties.AuthType)).toEqual(['AWS_IAM', 'AWS_IAM', 'AWS_IAM']);
    expect(outputs).toEqual(expect.arrayContaining(['McpUrl', 'ApiUrl', 'OperateUrl']));
  });

  test('only a tool that asks the api has its function’s name', () => {
    expect(functionNamed('toolwatch-tool-place_order').Environment.Variables.API_FUNCTION).toBeDefined();
    expect(functionNamed('toolwatch-tool-order_status').Environment.Variables.API_FUNCTION).toBeUndefined();
  });

  test('the timeout of a tool’s function is longer than the tool’s own', () => {
    expect(functionNamed('toolwatch-tool-order_status').Timeout).toBeGreaterThan(aTool().facts.timeoutSeconds);
  });
});
