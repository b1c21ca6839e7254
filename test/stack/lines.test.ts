import * as cdk from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { expect, test } from 'vitest';
import { LogAudit } from '../../lib/log-audit.ts';
import type { SettingsInput } from '../../lib/settings.ts';
import { ofType, rolesOfFunctions, synthesize } from '../support/synthesized.ts';

const appWith = (level: lambda.ApplicationLogLevel) => {
  const app = new cdk.App({ analyticsReporting: false });
  cdk.Validations.of(app).addPlugins(new LogAudit());
  new lambda.Function(new cdk.Stack(app, 'Shop'), 'Tool', {
    runtime: lambda.Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: lambda.Code.fromInline('exports.handler = async () => 1'),
    loggingFormat: lambda.LoggingFormat.JSON,
    applicationLogLevelV2: level,
  });
  return app;
};

test('a function that would drop the lines of its calls fails synthesis, with what to write', () => {
  expect(() => appWith(lambda.ApplicationLogLevel.WARN).synth()).toThrow(
    /logs at WARN.*write applicationLogLevel INFO/,
  );
  expect(() => appWith(lambda.ApplicationLogLevel.INFO).synth()).not.toThrow();
});

test('with the setting tracing, gateway and tools trace and are allowed to; without, no function does', () => {
  const traced = (tracing: boolean) => {
    const { resources } = synthesize({ tracing });
    const functions = ofType(resources, 'AWS::Lambda::Function').filter(
      ({ Properties }) => Properties.TracingConfig?.Mode === 'Active',
    );
    const allowed = Object.entries(rolesOfFunctions(resources)).filter(([, statements]) =>
      JSON.stringify(statements).includes('xray:PutTraceSegments'),
    );
    return [functions.map(({ Properties }) => Properties.FunctionName).sort(), allowed.map(([name]) => name).sort()];
  };
  const writers = ['toolwatch-gateway', 'toolwatch-tool-order_status', 'toolwatch-tool-place_order'];
  expect(traced(true)).toEqual([writers, writers]);
  expect(traced(false)).toEqual([[], []]);
});

test('the key for users’ ids reaches the functions that write lines of calls and requests, and no others', () => {
  const { resources } = synthesize({ userHashKey: 'sixteen-or-more-letters' });
  const holders = ofType(resources, 'AWS::Lambda::Function').filter(
    ({ Properties }) => Properties.Environment?.Variables.TOOLWATCH_USER_HASH_KEY,
  );
  expect(holders.map(({ Properties }) => Properties.FunctionName).sort()).toEqual([
    'toolwatch-api',
    'toolwatch-gateway',
    'toolwatch-tool-order_status',
    'toolwatch-tool-place_order',
  ]);
  expect(() => synthesize({ userHashKey: 'short' })).toThrow('write at least 16 random characters');
});

/** The variables of a function by the names given; those that it lacks are left out. */
const variablesOf = (settings: SettingsInput, part: string, names: readonly string[]) => {
  const { resources } = synthesize(settings);
  const { Properties } =
    ofType(resources, 'AWS::Lambda::Function').find(
      ({ Properties }) => Properties.FunctionName === `toolwatch-${part}`,
    ) ?? {};
  const variables: Record<string, string> = Properties?.Environment.Variables ?? {};
  return Object.fromEntries(names.flatMap((name) => (name in variables ? [[name, variables[name]]] : [])));
};
const OF_REQUESTS = ['REQUEST_LINES', 'RECORD_IP', 'SESSION_HANDLES', 'UNVERIFIED_TOKENS', 'SOURCE_GPT_CLAIM'];

test('every request has a line by default, with lean monitoring one that is refused, and nothing else is switched on', () => {
  for (const part of ['gateway', 'api']) {
    expect(variablesOf({}, part, OF_REQUESTS)).toEqual({ REQUEST_LINES: 'all' });
    expect(variablesOf({ monitoring: 'lean' }, part, OF_REQUESTS)).toEqual({ REQUEST_LINES: 'refusals' });
    const stated = { monitoring: 'lean', requests: { lines: 'all' } } as const;
    expect(variablesOf(stated, part, OF_REQUESTS)).toEqual({ REQUEST_LINES: 'all' });
  }
});

test('what requests say of their senders is read where the settings ask for it', () => {
  const requests = { lines: 'failures', recordIp: true, sessionHandles: true, unverifiedTokens: true } as const;
  const settings = {
    userHashKey: 'sixteen-or-more-letters',
    frontDoor: { kind: 'function-url' },
    requests: { ...requests, sourceGptClaim: 'gpt' },
  } as const;
  expect(variablesOf(settings, 'gateway', OF_REQUESTS)).toEqual({
    REQUEST_LINES: 'failures',
    RECORD_IP: 'on',
    SESSION_HANDLES: 'on',
    UNVERIFIED_TOKENS: 'on',
    SOURCE_GPT_CLAIM: 'gpt',
  });
  expect(variablesOf(settings, 'api', OF_REQUESTS)).toEqual({
    REQUEST_LINES: 'failures',
    RECORD_IP: 'on',
    SOURCE_GPT_CLAIM: 'gpt',
  });
});

test('the api writes its lines where those of calls are, so that they are stored', () => {
  const { resources } = synthesize();
  const logGroupOf = (part: string) =>
    ofType(resources, 'AWS::Lambda::Function').find(({ Properties }) => Properties.FunctionName === `toolwatch-${part}`)
      ?.Properties.LoggingConfig.LogGroup;
  expect(logGroupOf('api')).toEqual(logGroupOf('gateway'));
});
