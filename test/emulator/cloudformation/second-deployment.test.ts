import { describe, expect, test } from 'vitest';
import { type Deployment, deploy, RolledBack } from '../../../emulator/cloudformation/deploy.ts';
import { makeUpdatable, type ResourceHandler } from '../../../emulator/cloudformation/resource-handler.ts';
import { parseTemplate, type Stack } from '../../../emulator/cloudformation/template.ts';
import { aFunction, baseResources, startSmallCloud } from '../../support/small-cloud.ts';

const PLACE = { account: '000000000000', region: 'us-east-1', partition: 'aws' };

const stack = (name: string, resources: object, more: object = {}): Stack => ({
  name,
  template: parseTemplate({ Resources: resources, ...more }),
});
const thing = (value: unknown, more: object = {}) => ({ Type: 'Test::Thing', Properties: { value }, ...more });

const createHandlers = () => {
  const log: string[] = [];
  const handler: ResourceHandler = makeUpdatable(({ logicalId, properties, previous }) => {
    const { value } = properties as { value: unknown };
    log.push(`${previous ? 'updated' : 'created'} ${logicalId} ${value}`);
    return { ref: `${logicalId}-${value}`, remove: () => void log.push(`removed ${logicalId}`) };
  });
  return { log, handlers: { 'Test::Thing': handler } };
};

const failureOf = (deployment: Promise<Deployment>): Promise<RolledBack> =>
  deployment.then(
    () => Promise.reject(new Error('It was deployed')),
    (error: unknown) => error as RolledBack,
  );

describe('a parameter', () => {
  const kind = (value: string) =>
    stack(
      'Data',
      { A: thing({ Ref: 'Kind' }) },
      { Parameters: { Kind: { Default: value, AllowedValues: [value], ConstraintDescription: 'must stay' } } },
    );

  test('keeps the value of the first deployment, which a later template may no longer allow', async () => {
    const { log, handlers } = createHandlers();
    const first = await deploy([kind('small')], handlers, PLACE);
    const failure = await failureOf(deploy([kind('large')], handlers, PLACE, first));
    expect(failure).toBeInstanceOf(RolledBack);
    expect(failure.message).toBe('Data was rolled back: Parameter Kind must stay');
    expect(log).toEqual(['created A small']);
    await deploy([kind('small')], handlers, PLACE, failure.deployment);
  });
});

describe('an export that another stack imports', () => {
  const data = (exported: Record<string, string>) =>
    stack(
      'Data',
      { A: thing('1') },
      {
        Outputs: Object.fromEntries(
          Object.entries(exported).map(([name, value]) => [name, { Value: value, Export: { Name: name } }]),
        ),
      },
    );
  const app = (...imported: string[]) =>
    stack('App', Object.fromEntries(imported.map((name) => [`Reads${name}`, thing({ 'Fn::ImportValue': name })])));

  test('cannot be removed or changed, even when the same deployment stops importing it', async () => {
    const { handlers } = createHandlers();
    const first = await deploy([data({ Host: 'a', Port: '1' }), app('Host', 'Port')], handlers, PLACE);
    const withoutPort = deploy([data({ Host: 'a' }), app('Host')], handlers, PLACE, first);
    expect((await failureOf(withoutPort)).message).toContain('Export Port cannot be deleted as it is in use by App');
    const otherHost = deploy([data({ Host: 'b', Port: '1' }), app('Host', 'Port')], handlers, PLACE, first);
    expect((await failureOf(otherHost)).message).toContain('Export Host cannot be updated as it is in use by App');
  });

  test('can be removed once nothing imports it', async () => {
    const { log, handlers } = createHandlers();
    const first = await deploy([data({ Host: 'a', Port: '1' }), app('Host', 'Port')], handlers, PLACE);
    const second = await deploy([data({ Host: 'a', Port: '1' }), app('Host')], handlers, PLACE, first);
    await deploy([data({ Host: 'a' }), app('Host')], handlers, PLACE, second);
    expect(log).toContain('removed ReadsPort');
  });
});

test('what is retained stays when the template no longer declares it', async () => {
  const { log, handlers } = createHandlers();
  const retained = thing('1', { DeletionPolicy: 'RetainExceptOnCreate' });
  const first = await deploy([stack('S', { A: retained, B: thing('1') })], handlers, PLACE);
  log.length = 0;
  await deploy([stack('S', { C: thing('1') })], handlers, PLACE, first);
  expect(log).toEqual(['created C 1', 'removed B']);
});

test('a function or an alarm cannot move to another logical id while its name is taken', async () => {
  const code = { named: 'export const handler = async () => 1;' };
  const alarm = {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: 'named',
      Namespace: 'N',
      MetricName: 'M',
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
    },
  };
  const cloud = await startSmallCloud({
    resources: { ...baseResources(), Before: aFunction('named'), AlarmBefore: alarm },
    code,
  });
  try {
    const moved = { ...baseResources(), After: aFunction('named'), AlarmBefore: alarm };
    await expect(cloud.redeployWith(moved)).rejects.toThrow('AWS::Lambda::Function Small/After: named already exists');
    const alarmMoved = { ...baseResources(), Before: aFunction('named'), AlarmAfter: alarm };
    await expect(cloud.redeployWith(alarmMoved)).rejects.toThrow('Small/AlarmAfter: named already exists');
  } finally {
    await cloud.stop();
  }
});
