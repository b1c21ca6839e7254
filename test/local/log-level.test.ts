import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cloud } from '../../emulator/cloud.ts';
import { findResource, type TemplateEdit } from '../../local/template-edits.ts';
import { prepareTemplate } from '../support/prepared-template.ts';
import { invoke, toolCall } from '../support/through-cloud.ts';

let template: Awaited<ReturnType<typeof prepareTemplate>>;
beforeAll(async () => {
  template = await prepareTemplate();
});
afterAll(() => template?.clear());

const unchanged: TemplateEdit = () => {};
const ORDER_STATUS = '"FunctionName":"toolwatch-tool-order_status"';

/**
 * What the log has, in order, of a call that fails and is not retried: entries of the wrapper with their level, and the
 * call's own line.
 */
const logOfRefusedCall = async (cloud: Cloud): Promise<string[]> => {
  await invoke(cloud, 'gateway', toolCall('order_status', { order_id: 'Z-9999' }));
  const entries = () => cloud.logs.read('/toolwatch/calls').map(({ message }) => JSON.parse(message));
  await expect.poll(() => entries().some(({ schema }) => schema === 'toolwatch.v1')).toBe(true);
  return entries()
    .filter(({ tool, name }) => tool === 'order_status' || name === 'order_status')
    .map(({ level, message, schema }) => `${level} ${schema ?? message}`);
};

test('what the wrapper logs at DEBUG reaches the log of a function whose level is DEBUG, and of no other', {
  timeout: 300_000,
}, async () => {
  // As deployed: npm start lowers the level of all.
  const atInfo = template.withSettings({ logLevel: 'INFO' });
  await atInfo.withEdit(unchanged, async (cloud) => {
    expect(await logOfRefusedCall(cloud)).toEqual(['INFO toolwatch.v1']);
  });
  const debugOfOne: TemplateEdit = (resources) => {
    const { Properties } = findResource(resources, 'AWS::Lambda::Function', ORDER_STATUS);
    (Properties?.LoggingConfig as Record<string, unknown>).ApplicationLogLevel = 'DEBUG';
  };
  await atInfo.withEdit(debugOfOne, async (cloud) => {
    expect(await logOfRefusedCall(cloud)).toEqual(['DEBUG retry skipped', 'INFO toolwatch.v1']);
  });
});

test('the setting logLevel lowers the level of every function', { timeout: 300_000 }, async () => {
  await template.withSettings({ logLevel: 'DEBUG' }).withEdit(unchanged, async (cloud) => {
    expect(await logOfRefusedCall(cloud)).toEqual(['DEBUG retry skipped', 'INFO toolwatch.v1']);
  });
});
