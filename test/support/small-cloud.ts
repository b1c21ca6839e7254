import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificate } from '../../emulator/certificate.ts';
import { type Clock, createRealClock } from '../../emulator/clock.ts';
import { startCloud } from '../../emulator/cloud.ts';
import { type Assembly, parseTemplate } from '../../emulator/cloudformation/template.ts';
import type { Transition } from '../../emulator/cloudwatch/alarm-message.ts';
import { createHttpsGet, createHttpsPost } from '../../emulator/https.ts';
import type { Refusal } from '../../emulator/iam/iam.ts';
import type { Delivery } from '../../emulator/sns/delivery.ts';
import { root } from './source-files.ts';

export const PLACE = { account: '000000000000', region: 'us-east-1', partition: 'aws' };

type Resources = Record<string, object>;

interface SmallCloudOptions {
  resources: Resources;
  outputs?: Record<string, object>;
  /** The code of functions, by the keys of their assets. */
  code?: Record<string, string>;
  clock?: Clock;
  concurrency?: number;
  /** Chooses between the versions of an alias that shifts, as in `startCloud`. */
  random?: () => number;
  /** Where browsers reach user pools, as in `startCloud`. */
  signInUrl?: string;
  /** The certificate authority that webhooks and issuers are checked against; by default the cloud's own. */
  trusted?: string;
  /** A folder that outlives the cloud, so that another one can go on where this one stops. */
  folder?: string;
}

const sharedCertificate = makeCertificate();

/** The emulator with a test's own template, without a database. `events` collects what it reports. */
export const startSmallCloud = async (options: SmallCloudOptions) => {
  const {
    resources,
    outputs = {},
    code = {},
    clock = createRealClock(),
    trusted,
    concurrency,
    random,
    signInUrl,
  } = options;
  const codeFolder = mkdtempSync(join(tmpdir(), 'toolwatch-small-cloud-'));
  const { folder = join(codeFolder, 'data') } = options;
  symlinkSync(join(root, 'node_modules'), join(codeFolder, 'node_modules'));
  for (const [key, text] of Object.entries(code)) {
    mkdirSync(join(codeFolder, key));
    writeFileSync(join(codeFolder, key, 'index.mjs'), text);
  }
  const events = {
    transitions: [] as Transition[],
    deliveries: [] as Delivery[],
    refusals: [] as Refusal[],
    losses: [] as string[],
    shifts: [] as string[],
  };
  const assemblyOf = (Resources: Resources): Assembly => ({
    stacks: [{ name: 'Small', template: parseTemplate({ Resources, Outputs: outputs }) }],
    asset: (key) => join(codeFolder, key),
  });
  const certificate = await sharedCertificate;
  const cloud = await startCloud({
    place: PLACE,
    clock,
    assembly: assemblyOf(resources),
    folder,
    concurrency,
    random,
    signInUrl,
    certificate,
    serverUrl: 'postgres://%2Fnowhere:1/none',
    post: createHttpsPost(trusted ?? certificate.cert),
    get: createHttpsGet(trusted ?? certificate.cert),
    onTransition: (transition) => events.transitions.push(transition),
    onDelivery: (delivery) => events.deliveries.push(delivery),
    onRefusal: (refusal) => events.refusals.push(refusal),
    onLoss: (loss) => events.losses.push(loss),
    onShift: (sentence) => events.shifts.push(sentence),
  });
  return {
    ...cloud,
    events,
    certificate,
    /** Deploys these resources over the running ones. */
    redeployWith: (next: Resources) => cloud.redeploy(assemblyOf(next)),
    stop: async () => {
      await cloud.stop();
      rmSync(codeFolder, { recursive: true, force: true });
    },
  };
};

/** A role that a service can assume, with these statements. */
export const aRole = (name: string, statements: object[], service = 'lambda.amazonaws.com') => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    RoleName: name,
    AssumeRolePolicyDocument: {
      Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: service } }],
    },
    Policies: [{ PolicyName: 'own', PolicyDocument: { Statement: statements } }],
  },
});

export const ALLOW_ALL = { Effect: 'Allow', Action: '*', Resource: '*' };
export const CALLER = { role: `arn:aws:iam::${PLACE.account}:role/caller` };

/** A function whose code is the asset of its name; by default it logs to `/log` under the role of `baseResources`. */
export const aFunction = (name: string, properties: object = {}) => ({
  Type: 'AWS::Lambda::Function',
  DependsOn: ['Log'],
  Properties: {
    FunctionName: name,
    Code: { S3Key: name },
    Handler: 'index.handler',
    Runtime: 'nodejs24.x',
    Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
    MemorySize: 128,
    Timeout: 5,
    LoggingConfig: { LogFormat: 'JSON', ApplicationLogLevel: 'INFO', SystemLogLevel: 'WARN', LogGroup: '/log' },
    ...properties,
  },
});

/** What functions in a small template need: a log group, their role with these statements, and the role of `CALLER`. */
export const baseResources = (statements: object[] = [ALLOW_ALL]) => ({
  Log: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: '/log' } },
  Role: aRole('function', statements),
  Caller: aRole('caller', [ALLOW_ALL]),
});
