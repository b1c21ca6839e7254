import { describe, expect, test } from 'vitest';
import { deploy, RolledBack } from '../../../emulator/cloudformation/deploy.ts';
import { makeUpdatable, type ResourceHandler } from '../../../emulator/cloudformation/resource-handler.ts';
import { parseTemplate, type Stack } from '../../../emulator/cloudformation/template.ts';

const PLACE = { account: '000000000000', region: 'us-east-1', partition: 'aws' };

const stack = (resources: object, name = 'S'): Stack => ({
  name,
  template: parseTemplate({ Resources: resources, Outputs: {} }),
});
const thing = (value: unknown, more: object = {}) => ({ Type: 'Test::Thing', Properties: { value }, ...more });
const fixedThing = (value: unknown) => ({ Type: 'Test::Fixed', Properties: { value } });

/** A handler that logs what it does, and fails for the value `bad`; only `Test::Thing` is updatable. */
const createLoggingHandlers = () => {
  const log: string[] = [];
  const handler: ResourceHandler = ({ logicalId, properties, previous }) => {
    const { value } = properties as { value: unknown };
    log.push(`${previous ? 'updated' : 'created'} ${logicalId} ${value}`);
    if (value === 'bad') throw new Error('no');
    const remove = () => void log.push(`removed ${logicalId}`);
    return { ref: logicalId, attributes: { Value: `${logicalId}-${value}` }, remove };
  };
  return { log, handlers: { 'Test::Thing': makeUpdatable(handler), 'Test::Fixed': handler } };
};

describe('a second deployment', () => {
  test('updates what has changed and what refers to it, and nothing else', async () => {
    const { log, handlers } = createLoggingHandlers();
    const template = (value: string) =>
      stack({
        A: thing(value),
        Referring: thing({ 'Fn::GetAtt': ['A', 'Value'] }),
        Same: thing('x'),
        Fixed: fixedThing('x'),
      });
    const first = await deploy([template('1')], handlers, PLACE);
    log.length = 0;
    await deploy([template('2')], handlers, PLACE, first);
    expect(log).toEqual(['updated A 2', 'updated Referring A-2']);
  });

  test('creates what is new, and deletes what is gone after everything else', async () => {
    const { log, handlers } = createLoggingHandlers();
    const first = await deploy([stack({ Old: thing('1'), Kept: thing('1') })], handlers, PLACE);
    log.length = 0;
    const second = await deploy([stack({ Kept: thing('2'), New: thing('1') })], handlers, PLACE, first);
    expect(log).toEqual(['updated Kept 2', 'created New 1', 'removed Old']);
    log.length = 0;
    await deploy([stack({ Old: thing('1'), Kept: thing('2'), New: thing('1') })], handlers, PLACE, second);
    expect(log).toEqual(['created Old 1']);
  });

  test('deletes what a resource with another name has replaced', async () => {
    const { log, handlers } = createLoggingHandlers();
    const renamingHandler: ResourceHandler = makeUpdatable(({ properties }) => {
      const { value } = properties as { value: string };
      return { ref: value, remove: () => void log.push(`removed ${value}`) };
    });
    const stackNamed = (value: string, other = '1') =>
      stack({ Named: { Type: 'Test::Named', Properties: { value } }, B: thing(other, { DependsOn: 'Named' }) });
    const all = { ...handlers, 'Test::Named': renamingHandler };
    const first = await deploy([stackNamed('old')], all, PLACE);
    log.length = 0;
    await expect(deploy([stackNamed('new', 'bad')], all, PLACE, first)).rejects.toThrow(RolledBack);
    expect(log).toEqual(['updated B bad', 'updated B 1', 'removed new']);
    log.length = 0;
    await deploy([stackNamed('new', '2')], all, PLACE, first);
    expect(log).toEqual(['updated B 2', 'removed old']);
  });

  test('that fails restores what was deployed, the failed resource included, and says why', async () => {
    const { log, handlers } = createLoggingHandlers();
    const first = await deploy([stack({ A: thing('1'), B: thing('1', { DependsOn: 'A' }) })], handlers, PLACE);
    log.length = 0;
    const failing = stack({ A: thing('2'), New: thing('1'), B: thing('bad', { DependsOn: ['A', 'New'] }) });
    await expect(deploy([failing], handlers, PLACE, first)).rejects.toThrow('S was rolled back: Test::Thing S/B: no');
    expect(log).toEqual(['updated A 2', 'created New 1', 'updated B bad', 'updated A 1', 'updated B 1', 'removed New']);
  });

  test('that fails keeps a stack that was complete before the one that failed', async () => {
    const { log, handlers } = createLoggingHandlers();
    const first = await deploy([stack({ A: thing('1') }, 'Data'), stack({ B: thing('1') }, 'App')], handlers, PLACE);
    log.length = 0;
    const next = [stack({ A: thing('2') }, 'Data'), stack({ B: thing('bad') }, 'App')];
    const failure = await deploy(next, handlers, PLACE, first).catch((error: unknown) => error as RolledBack);
    expect(failure).toBeInstanceOf(RolledBack);
    expect(log).toEqual(['updated A 2', 'updated B bad', 'updated B 1']);
    log.length = 0;
    await deploy(
      [stack({ A: thing('1') }, 'Data'), stack({ B: thing('2') }, 'App')],
      handlers,
      PLACE,
      (failure as RolledBack).deployment,
    );
    expect(log).toEqual(['updated A 1', 'updated B 2']);
  });

  test('begins no further resource after a failure', async () => {
    const { log, handlers } = createLoggingHandlers();
    const failing = stack({ A: thing('bad'), B: thing('1', { DependsOn: 'A' }) });
    await expect(deploy([failing], handlers, PLACE)).rejects.toThrow('Test::Thing S/A: no');
    expect(log).toEqual(['created A bad']);
  });

  test.each([
    ['has changed', stack({ Fixed: fixedThing('2') })],
    ['is gone', stack({ A: thing('1') })],
    ['is new', stack({ Fixed: fixedThing('1'), Another: fixedThing('1') })],
  ])('is refused before it begins when a resource %s that cannot be updated', async (message, next) => {
    const { log, handlers } = createLoggingHandlers();
    const first = await deploy([stack({ Fixed: fixedThing('1') })], handlers, PLACE);
    log.length = 0;
    await expect(deploy([next], handlers, PLACE, first)).rejects.toThrow(message);
    expect(log).toEqual([]);
  });
});

test('resources that do not depend on each other are created concurrently', async () => {
  let begun = 0;
  let release = () => {};
  const bothBegun = new Promise<void>((resolve) => {
    release = resolve;
  });
  const waitingHandler: ResourceHandler = async ({ logicalId }) => {
    begun += 1;
    if (begun === 2) release();
    await bothBegun;
    return { ref: logicalId };
  };
  await deploy([stack({ A: thing('1'), B: thing('1') })], { 'Test::Thing': waitingHandler }, PLACE);
  expect(begun).toBe(2);
});
