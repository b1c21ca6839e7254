import { chmodSync, cpSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runProgram } from './packed-package.ts';
import { root } from './source-files.ts';

const EXAMPLES = [
  'own-alarm.ts',
  'existing-functions.ts',
  'existing-database.ts',
  'existing-handler.ts',
  'new-tool.ts',
];

const APP = `
import * as cdk from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { ToolObservability } from 'toolwatch';
import { storeInExisting } from './existing-database';
import { watchExisting } from './existing-functions';
import { handler as price } from './new-tool';
import { watchOrders } from './own-alarm';

const app = new cdk.App({ outdir: 'cdk.out', analyticsReporting: false });

const watched = new cdk.Stack(app, 'Watched');
watchExisting(
  watched,
  {
    checkout: lambda.Function.fromFunctionName(watched, 'Checkout', 'checkout'),
    orders: new sqs.Queue(watched, 'Orders'),
  },
  { pager: new sns.Topic(watched, 'Pager'), inbox: new sns.Topic(watched, 'Inbox') },
);

const orders = new cdk.Stack(app, 'Orders');
watchOrders(orders, lambda.Function.fromFunctionName(orders, 'Checkout', 'checkout'));

new ToolObservability(new cdk.Stack(app, 'Fresh'), 'Observability', {
  tools: [price.facts],
  callLogName: '/shop/prices',
  settings: { service: 'prices' },
});

// Another app, because one app cannot deploy one service twice.
const storing = new cdk.App({ outdir: 'cdk.stored.out', analyticsReporting: false });
const stored = new cdk.Stack(storing, 'Stored');
const vpc = new ec2.Vpc(stored, 'Vpc', {
  subnetConfiguration: [{ name: 'Isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
});
const database = rds.DatabaseInstance.fromDatabaseInstanceAttributes(stored, 'Database', {
  instanceIdentifier: 'shop',
  instanceEndpointAddress: 'shop.example.com',
  instanceResourceId: 'db-SHOP',
  port: 5432,
  securityGroups: [new ec2.SecurityGroup(stored, 'Firewall', { vpc })],
});
storeInExisting(stored, vpc, database, new s3.Bucket(stored, 'Kept'));

app.synth();
storing.synth();
`;

/** As an app made by `cdk init` has it, except that our declarations are checked as well. */
const TSCONFIG = {
  compilerOptions: {
    target: 'ES2022',
    module: 'node16',
    outDir: 'built',
    rootDir: '.',
    types: ['node'],
    strict: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
  },
  include: ['*.ts'],
};

/**
 * Writes an app in CommonJS into a folder, with the package from its tarball, the dependencies that the package declares,
 * and its own. `links` says where a dependency is that is not the one of this repository.
 */
export const writeApp = (folder: string, tarball: string, links: Readonly<Record<string, string>> = {}): void => {
  const installed = join(folder, 'node_modules/toolwatch');
  mkdirSync(dirname(installed), { recursive: true });
  runProgram('tar', ['-xzf', tarball], { cwd: folder });
  rmSync(installed, { recursive: true, force: true });
  renameSync(join(folder, 'package'), installed);
  const { bin, dependencies, peerDependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  // As npm links programs, which it makes executable.
  mkdirSync(join(folder, 'node_modules/.bin'));
  for (const [name, file] of Object.entries<string>(bin)) {
    chmodSync(join(installed, file), 0o755);
    symlinkSync(join(installed, file), join(folder, 'node_modules/.bin', name));
  }
  for (const name of ['typescript', '@types/node', ...Object.keys({ ...dependencies, ...peerDependencies })]) {
    const path = join(folder, 'node_modules', name);
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(links[name] ?? join(root, 'node_modules', name), path);
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'shop', private: true }));
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG));
  writeFileSync(join(folder, 'app.ts'), APP);
  for (const example of EXAMPLES) cpSync(join(root, 'examples', example), join(folder, example));
};
