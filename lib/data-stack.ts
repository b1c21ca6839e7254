import * as cdk from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import type * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { createArchiveBucket } from './archive.ts';
import { findOrCreateCallLog } from './call-log.ts';
import { channelReaders, channelSecretSettings } from './channels/channel-secrets.ts';
import { Database } from './database/database.ts';
import { deploymentNameOf } from './deployment-name.ts';
import type { Network } from './function.ts';
import { hookReaders, hookSecretSettings } from './hooks/hook-secrets.ts';
import type { ListedTool } from './listed-tool.ts';
import { acknowledge } from './nag.ts';
import { findOrCreateVpc, networkOfOthers } from './network.ts';
import { PAYLOADS_RETAINED_DAYS } from './payloads.ts';
import type { Settings } from './settings.ts';
import { ToolSecrets } from './tools/tool-secrets.ts';
import { refuseLaterChange } from './unchangeable-setting.ts';

interface DataStackProps extends cdk.StackProps {
  readonly settings: Settings;
  readonly tools: readonly ListedTool[];
}

/** What must outlive the app: lines of calls, the database in its network, retained payloads, and tools' secrets. */
export class DataStack extends cdk.Stack {
  readonly calls: logs.ILogGroup;
  /** Of the functions that need the database. */
  readonly network: Network;
  readonly networkOfOthers: Network | undefined;
  readonly database: Database;
  readonly retainedPayloads: s3.IBucket;
  readonly archivedCalls: s3.IBucket;

  constructor(scope: Construct, id: string, props: DataStackProps) {
    super(scope, id, props);
    this.refuseLaterChanges(props.settings);
    this.calls = findOrCreateCallLog(this, props.settings);
    const vpc = findOrCreateVpc(this, props.settings);
    const databaseClients = new ec2.SecurityGroup(this, 'DatabaseClients', {
      vpc,
      description: 'May reach the database and nothing else',
      allowAllOutbound: false,
    });
    this.database = new Database(this, 'Database', { vpc, clients: databaseClients, settings: props.settings });
    const subnets = { subnets: vpc.isolatedSubnets };
    this.network = { vpc, subnets, securityGroup: databaseClients };
    // Also without an archive, whose security group is in the app stack: the data stack is deployed first, and an export
    // cannot be removed while another stack imports it.
    if (!props.settings.network) this.exportValue(vpc.vpcId);
    this.networkOfOthers = networkOfOthers(this, props.settings, this.network);
    this.retainedPayloads = createPayloadBucket(this, props.settings) as s3.IBucket;
    this.archivedCalls = createArchiveBucket(this, props.settings) as s3.IBucket;
    const facts = props.tools.map((tool) => tool.facts);
    const secrets = new ToolSecrets(this, 'ToolSecrets', props.settings, facts);
    const channelSecrets = new ToolSecrets(
      this,
      'ChannelSecrets',
      channelSecretSettings(props.settings),
      channelReaders(props.settings),
    );
    const hookSecrets = new ToolSecrets(
      this,
      'HookSecrets',
      hookSecretSettings(props.settings),
      hookReaders(props.settings),
    );
    // Last, because it is protected from deletion: whatever else of a first deployment fails, nothing blocks its rollback.
    this.database.node.addDependency(
      this.calls,
      this.retainedPayloads,
      this.archivedCalls,
      vpc,
      secrets,
      channelSecrets,
      hookSecrets,
    );
  }

  private refuseLaterChanges(settings: Settings): void {
    const { service, database, network, keys, callLogName } = settings;
    refuseLaterChange(this, {
      parameter: 'Service',
      setting: 'service',
      value: service,
      because: 'this stack belongs to another service whose name reads the same',
    });
    refuseLaterChange(this, {
      parameter: 'DeploymentName',
      setting: 'deploymentName or environment',
      value: deploymentNameOf(settings),
      because: 'this stack belongs to another deployment whose name reads the same',
    });
    refuseLaterChange(this, {
      parameter: 'CallLog',
      setting: 'callLogName',
      value: callLogName ?? 'created',
      because: 'lines that are not stored yet would be left in the other log group',
    });
    refuseLaterChange(this, {
      parameter: 'Network',
      setting: 'network.vpcId',
      value: network?.vpcId ?? 'created',
      because: 'the database cannot move to another network',
    });
    refuseLaterChange(this, {
      parameter: 'DatabaseKey',
      setting: 'keys.database',
      value: keys.database ?? 'none',
      because: 'a database with another key would be created beside the one in use, which is protected',
    });
    refuseLaterChange(this, {
      parameter: 'DatabaseKind',
      setting: 'database.kind',
      value: database.kind,
      because: 'a server of another kind would be created beside the one in use, which is protected',
    });
  }

  /** The zones are chosen at deployment; otherwise the CDK would look up the account's zones at synthesis. */
  override get availabilityZones(): string[] {
    return [cdk.Fn.select(0, cdk.Fn.getAzs()), cdk.Fn.select(1, cdk.Fn.getAzs())];
  }
}

/** Creates the bucket in which Lambda puts the payloads that ingest could not store, for the replay command. */
function createPayloadBucket(scope: Construct, { keys }: Settings): s3.Bucket {
  const encryptionKey = keys.payloads ? kms.Key.fromKeyArn(scope, 'PayloadsKey', keys.payloads) : undefined;
  const bucket = new s3.Bucket(scope, 'KeptPayloads', {
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    ...(encryptionKey
      ? { encryption: s3.BucketEncryption.KMS, encryptionKey, bucketKeyEnabled: true }
      : { encryption: s3.BucketEncryption.S3_MANAGED }),
    enforceSSL: true,
    lifecycleRules: [
      {
        expiration: cdk.Duration.days(PAYLOADS_RETAINED_DAYS),
        abortIncompleteMultipartUploadAfter: cdk.Duration.days(1),
      },
    ],
    removalPolicy: cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });
  acknowledge(
    bucket,
    'AwsSolutions-S1',
    'Only Lambda writes to it and only the replay command reads it; both are logged elsewhere.',
  );
  return bucket;
}
