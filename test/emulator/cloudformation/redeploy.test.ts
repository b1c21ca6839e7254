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
const rock = (value: unknown) => ({ Type: 'Test::Rock', Properties: { value } });

/** A rule that tells what it does, and fails at the value `bad`. */
const telling = () => {
  const told: string[] = [];
  const make: ResourceHandler = ({ logicalId, properties, was }) => {
    const { value } = properties as { value: unknown };
    told.push(`${was ? 'changed' : 'made'} ${logicalId} ${value}`);
    if (value === 'bad') throw new Error('no');
    const remove = () => void told.push(`removed ${logicalId}`);
    return { ref: logicalId, attributes: { Value: `${logicalId}-${value}` }, remove };
  };
  return { told, rules: { 'Test::Thing': makeUpdatable(make), 'Test::Rock': make } };
};

describe('a second deployment', () => {
  test('changes what differs, what speaks of that, and nothing else', async () => {
    const { told, rules } = telling();
    const template = (value: string) =>
      stack({ A: thing(value), Speaks: thing({ 'Fn::GetAtt': ['A', 'Value'] }), Same: thing('x'), Rock: rock('x') });
    const first = await deploy([template('1')], rules, PLACE);
    told.length = 0;
    await deploy([template('2')], rules, PLACE, first);
    expect(told).toEqual(['changed A 2', 'changed Speaks A-2']);
  });

  test('makes what is new, and takes away what is gone once all else is done', async () => {
    const { told, rules } = telling();
    const first = await deploy([stack({ Old: thing('1'), Kept: thing('1') })], rules, PLACE);
    told.length = 0;
    const second = await deploy([stack({ Kept: thing('2'), New: thing('1') })], rules, PLACE, first);
    expect(told).toEqual(['changed Kept 2', 'made New 1', 'removed Old']);
    told.length = 0;
    await deploy([stack({ Old: thing('1'), Kept: thing('2'), New: thing('1') })], rules, PLACE, second);
    expect(told).toEqual(['made Old 1']);
  });

  test('takes away what something of another name has replaced', async () => {
    const { told, rules } = telling();
    const renaming: ResourceHandler = makeUpdatable(({ properties }) => {
      const { value } = properties as { value: string };
      return { ref: value, remove: () => void told.push(`removed ${value}`) };
    });
    const of = (value: string, other = '1') =>
      stack({ Named: { Type: 'Test::Named', Properties: { value } }, B: thing(other, { DependsOn: 'Named' }) });
    const all = { ...rules, 'Test::Named': renaming };
    const first = await deploy([of('old')], all, PLACE);
    told.length = 0;
    await expect(deploy([of('young', 'bad')], all, PLACE, first)).rejects.toThrow(RolledBack);
    expect(told).toEqual(['changed B bad', 'changed B 1', 'removed young']);
    told.length = 0;
    await deploy([of('young', '2')], all, PLACE, first);
    expect(told).toEqual(['changed B 2', 'removed old']);
  });

  test('that fails goes back to what was there, the failed part too, and says why', async () => {
    const { told, rules } = telling();
    const first = await deploy([stack({ A: thing('1'), B: thing('1', { DependsOn: 'A' }) })], rules, PLACE);
    told.length = 0;
    const failing = stack({ A: thing('2'), New: thing('1'), B: thing('bad', { DependsOn: ['A', 'New'] }) });
    await expect(deploy([failing], rules, PLACE, first)).rejects.toThrow('S is rolled back: Test::Thing S/B: no');
    expect(told).toEqual(['changed A 2', 'made New 1', 'changed B bad', 'changed A 1', 'changed B 1', 'removed New']);
  });

  test('leaves a stack alone that was done before the one that failed', async () => {
    const { told, rules } = telling();
    const first = await deploy([stack({ A: thing('1') }, 'Data'), stack({ B: thing('1') }, 'App')], rules, PLACE);
    told.length = 0;
    const next = [stack({ A: thing('2') }, 'Data'), stack({ B: thing('bad') }, 'App')];
    const failure = await deploy(next, rules, PLACE, first).catch((error: unknown) => error as RolledBack);
    expect(failure).toBeInstanceOf(RolledBack);
    expect(told).toEqual(['changed A 2', 'changed B bad', 'changed B 1']);
    told.length = 0;
    await deploy(
      [stack({ A: thing('1') }, 'Data'), stack({ B: thing('2') }, 'App')],
      rules,
      PLACE,
      (failure as RolledBack).now,
    );
    expect(told).toEqual(['changed A 1', 'changed B 2']);
  });

  test('begins nothing more once something has failed', async () => {
    const { told, rules } = telling();
    const failing = stack({ A: thing('bad'), B: thing('1', { DependsOn: 'A' }) });
    await expect(deploy([failing], rules, PLACE)).rejects.toThrow('Test::Thing S/A: no');
    expect(told).toEqual(['made A bad']);
  });

  test.each([
    ['has changed', stack({ Rock: rock('2') })],
    ['is gone', stack({ A: thing('1') })],
    ['is new', stack({ Rock: rock('1'), Another: rock('1') })],
  ])('is refused before it begins when something %s that can only begin', async (words, next) => {
    const { told, rules } = telling();
    const first = await deploy([stack({ Rock: rock('1') })], rules, PLACE);
    told.length = 0;
    await expect(deploy([next], rules, PLACE, first)).rejects.toThrow(words);
    expect(told).toEqual([]);
  });
});

test('what does not wait for each other is made at the same time', async () => {
  let begun = 0;
  let go = () => {};
  const both = new Promise<void>((resolve) => {
    go = resolve;
  });
  const waits: ResourceHandler = async ({ logicalId }) => {
    begun += 1;
    if (begun === 2) go();
    await both;
    return { ref: logicalId };
  };
  await deploy([stack({ A: thing('1'), B: thing('1') })], { 'Test::Thing': waits }, PLACE);
  expect(begun).toBe(2);
});
