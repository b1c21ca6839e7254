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

interface TinyOptions {
  resources: Record<string, object>;
  outputs?: Record<string, object>;
  /** Code of functions by the key of their asset. */
  code?: Record<string, string>;
  clock?: Clock;
  concurrency?: number;
  /** As `startCloud`'s. */
  chance?: () => number;
  /** The authority of a webhook; by default the cloud's own. */
  trusted?: string;
}

const certificate = makeCertificate();

/** The local services with a template of a test's own in them; no database behind. `heard` is what a person would be shown. */
export const startSmallCloud = async (options: TinyOptions) => {
  const { resources, outputs = {}, code = {}, clock = createRealClock(), trusted, concurrency, chance } = options;
  const folder = mkdtempSync(join(tmpdir(), 'toolwatch-tiny-'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const [key, text] of Object.entries(code)) {
    mkdirSync(join(folder, key));
    writeFileSync(join(folder, key, 'index.mjs'), text);
  }
  const heard = {
    transitions: [] as Transition[],
    deliveries: [] as Delivery[],
    refusals: [] as Refusal[],
    losses: [] as string[],
    shifts: [] as string[],
  };
  const assemblyOf = (Resources: TinyOptions['resources']): Assembly => ({
    stacks: [{ name: 'Tiny', template: parseTemplate({ Resources, Outputs: outputs }) }],
    asset: (key) => join(folder, key),
  });
  const own = await certificate;
  const cloud = await startCloud({
    place: PLACE,
    clock,
    assembly: assemblyOf(resources),
    folder,
    concurrency,
    certificate: own,
    serverUrl: 'postgres://127.0.0.1:1/none',
    post: createHttpsPost(trusted ?? own.cert),
    get: createHttpsGet(trusted ?? own.cert),
    onTransition: (one) => heard.transitions.push(one),
    onDelivery: (one) => heard.deliveries.push(one),
    onRefusal: (one) => heard.refusals.push(one),
    onLoss: (one) => heard.losses.push(one),
    onShift: (one) => heard.shifts.push(one),
    ...(chance && { chance }),
  });
  return {
    ...cloud,
    heard,
    certificate: own,
    /** Deploys other resources over these. */
    redeployed: (next: TinyOptions['resources']) => cloud.redeploy(assemblyOf(next)),
    stop: async () => {
      await cloud.stop();
      rmSync(folder, { recursive: true });
    },
  };
};

/** A role of a service with these statements. */
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

export const MAY_DO_ALL = { Effect: 'Allow', Action: '*', Resource: '*' };
export const CALLER = { role: `arn:aws:iam::${PLACE.account}:role/caller` };

/** A function whose code is the asset of its own name, with a log group `/log` and a role that may do all, unless told otherwise. */
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

/** What every tiny template with functions needs beside them. */
export const baseResources = (may: object[] = [MAY_DO_ALL]) => ({
  Log: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: '/log' } },
  Role: aRole('function', may),
  Caller: aRole('caller', [MAY_DO_ALL]),
});
