import * as cdk from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { expect, test } from 'vitest';
import { LogAudit } from '../../lib/log-audit.ts';
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

test('the key for users’ ids reaches the functions that write lines of calls, and no others', () => {
  const { resources } = synthesize({ userHashKey: 'sixteen-or-more-letters' });
  const holders = ofType(resources, 'AWS::Lambda::Function').filter(
    ({ Properties }) => Properties.Environment?.Variables.TOOLWATCH_USER_HASH_KEY,
  );
  expect(holders.map(({ Properties }) => Properties.FunctionName).sort()).toEqual([
    'toolwatch-gateway',
    'toolwatch-tool-order_status',
    'toolwatch-tool-place_order',
  ]);
  expect(() => synthesize({ userHashKey: 'short' })).toThrow('write at least 16 random characters');
});
