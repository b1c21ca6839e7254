import * as cdk from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { AlarmContext } from './alarms/alarm-spec.ts';
import { PipelineAlarms } from './alarms/pipeline-alarms.ts';
import { addRuleAlarms } from './alarms/rule-alarms.ts';
import { Api } from './api.ts';
import { bundle, STORE_FUNCTIONS } from './bundle.ts';
import { findMissingAuthority } from './database/authorities.ts';
import { accessToStore, monitoredDatabase } from './database/store-database.ts';
import type { StoreLocation } from './database/store-location.ts';
import { validateStoreLocation } from './existing/validate-store-location.ts';
import { addFunctionUrl } from './front-door/function-url.ts';
import { Ingest } from './ingest.ts';
import type { MonitoredTool } from './listed-tool.ts';
import { Migrate } from './migrate.ts';
import { Payloads } from './payloads.ts';
import { Refresh } from './refresh.ts';
import { Retention } from './retention.ts';
import { InvalidSettings, type Settings } from './settings.ts';
import { Sql } from './sql.ts';

interface ToolStoreProps extends StoreLocation {
  readonly settings: Settings & { readonly callLogName: string };
  readonly topics: AlarmContext['topics'];
  readonly tools: readonly MonitoredTool[];
  readonly callLogName: string;
}

/** Stores the lines of a log group and reports on them, in another app's network and database. */
export class ToolStore extends Construct {
  /** The address of the API. */
  readonly apiUrl: string;

  constructor(scope: Construct, id: string, props: ToolStoreProps) {
    super(scope, id);
    const { settings, topics, tools, callLogName, vpc, retainedPayloads } = props;
    if (settings.frontDoor.kind !== 'function-url') {
      throw new InvalidSettings(
        'Setting frontDoor: it only applies to a deployment with its own gateway; leave it out.',
      );
    }
    if (settings.archive) {
      throw new InvalidSettings(
        'Setting archive: a store in another app has no bucket for it; leave it out, or write false.',
      );
    }
    refuseUnknownAuthority(this, settings);
    const databaseClients: ec2.ISecurityGroup = new ec2.SecurityGroup(this, 'DatabaseClients', {
      vpc,
      description: 'May reach the database and nothing else',
      allowAllOutbound: false,
    });
    validateStoreLocation(this, props);
    const database = accessToStore(props);
    // From our side, so that both rules are in this stack: one in the database's would make the stacks wait for each
    // other.
    databaseClients.connections.allowToDefaultPort(props.database, 'PostgreSQL from the functions');
    const subnets = props.subnets ?? { subnetType: ec2.SubnetType.PRIVATE_ISOLATED };
    const bundles = bundle([], {
      functions: STORE_FUNCTIONS,
      deployedElsewhere: tools,
      caFile: settings.database.caFile,
    });
    const version = settings.version ?? bundles.version;
    const deployment = { settings, tools: [], bundles, version, network: undefined };
    const store = {
      deployment,
      network: { vpc, subnets, securityGroup: databaseClients },
      database,
    };

    const calls = logs.LogGroup.fromLogGroupName(this, 'Calls', callLogName);
    const refresh = new Refresh(this, 'Refresh', store);
    const ingest = new Ingest(this, 'Ingest', { ...store, calls, evaluations: refresh.logGroup, retainedPayloads });
    const payloads = new Payloads(this, 'Payloads', { deployment, retainedPayloads });
    const retention = new Retention(this, 'Retention', store);
    const api = new Api(this, 'Api', { ...store, calls, runsChecks: false, tokens: undefined });
    this.apiUrl = addFunctionUrl(api.function);
    const sql = settings.sql ? [new Sql(this, 'Sql', store)] : [];
    new Migrate(this, 'Migrate', { ...store, archives: false, before: [ingest, refresh, retention, api, ...sql] });
    addRuleAlarms(this, { settings, topics });
    new PipelineAlarms(this, 'PipelineAlarms', {
      settings,
      topics,
      filterName: ingest.filterName,
      ingest: ingest.function,
      refresh: refresh.function,
      retention: retention.function,
      api: api.function,
      completeness: false,
      missedStarts: [payloads, refresh, retention].map(({ schedule }) => schedule.missedStarts),
      database: monitoredDatabase(props),
    });
    bundles.dispose();
  }
}

function refuseUnknownAuthority(scope: Construct, { database: { caFile } }: Settings): void {
  const { region } = cdk.Stack.of(scope);
  const problems = cdk.Token.isUnresolved(region) ? [] : findMissingAuthority(region, caFile);
  if (problems.length > 0) throw new InvalidSettings(problems.join('\n'));
}
