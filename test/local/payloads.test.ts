import { afterAll, beforeAll, expect, test } from 'vitest';
import { removePermission, type TemplateEdit } from '../../local/template-edits.ts';
import { prepareTemplate } from '../support/prepared-template.ts';
import { bucketNamed, invoke, OPERATOR } from '../support/through-cloud.ts';

let template: Awaited<ReturnType<typeof prepareTemplate>>;
beforeAll(async () => {
  template = await prepareTemplate();
});
afterAll(() => template?.clear());

const unchanged: TemplateEdit = () => {};
const MINUTE_MS = 60_000;

test('retained payloads are counted, and their alarm lasts as long as they wait and no longer', {
  timeout: 240_000,
}, async () => {
  await template.withEdit(unchanged, async (cloud) => {
    const bucket = bucketNamed(cloud, 'keptpayloads');
    const count = async () => {
      const { payload, failed } = await invoke(cloud, 'payloads');
      expect(failed).toBe(false);
      return JSON.parse(payload) as unknown;
    };
    const written = () => cloud.metrics.find('Toolwatch', 'retained_payloads');
    const stateAfter = (minutes: number) => {
      cloud.alarms.evaluateAll((Math.floor(Date.now() / MINUTE_MS) + minutes) * MINUTE_MS);
      return cloud.alarms.describe().find(({ name }) => name === 'pipeline/payloads-kept')?.state;
    };
    expect(await count()).toEqual({ count: 0, oldest_days: 0 });
    expect(written()).toEqual([]);

    cloud.s3.put(OPERATOR, bucket, 'one', '{}');
    cloud.s3.put(OPERATOR, bucket, 'aws/lambda/two', '{}');
    expect(await count()).toMatchObject({ count: 2 });
    expect(written()).toMatchObject([{ dimensions: { service: 'toolwatch' } }]);
    expect(stateAfter(2)).toBe('ALARM');
    // An hour later, the next count has not run yet.
    expect(stateAfter(62)).toBe('ALARM');
    for (const key of ['one', 'aws/lambda/two']) cloud.s3.remove(OPERATOR, bucket, key);
    expect(await count()).toEqual({ count: 0, oldest_days: 0 });
    expect(stateAfter(130)).toBe('OK');
  });
});

test('a count that may not read the bucket fails', async () => {
  await template.withEdit(removePermission('-payloads', 's3:ListBucket'), async (cloud, { refusals }) => {
    expect((await invoke(cloud, 'payloads')).failed).toBe(true);
    expect(refusals).toMatchObject([{ action: 's3:ListBucket' }]);
  });
});
