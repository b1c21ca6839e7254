import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { replayLines } from '../../operate/replay.ts';
import { startOtlpReceiver } from '../support/otlp-receiver.ts';
import { prepareTemplate } from '../support/prepared-template.ts';
import { invoke, toolCall } from '../support/through-cloud.ts';

let template: Awaited<ReturnType<typeof prepareTemplate>>;
let receiver: Awaited<ReturnType<typeof startOtlpReceiver>>;
let status = 200;
beforeAll(async () => {
  receiver = await startOtlpReceiver(() => ({ status }));
  const openTelemetry = { endpoint: receiver.endpoint, headers: { secret: 'otlp-headers' } };
  template = await prepareTemplate({ openTelemetry });
});
afterAll(async () => {
  await template?.clear();
  await receiver?.close();
});

test('calls become spans at a receiver with the headers of a secret; what it does not take is sent again later', {
  timeout: 300_000,
}, async () => {
  await template.withEdit(
    () => {},
    async (cloud, { refusals }) => {
      cloud.secrets.provide('otlp-headers', JSON.stringify({ 'api-key': 'a-key-of-the-receiver' }));
      const spansOf = (name: string) =>
        receiver.requests.flatMap(({ spans }) => spans).filter((span) => span.attributes['gen_ai.tool.name'] === name);

      await invoke(cloud, 'gateway', toolCall('order_status', { order_id: 'A-1001' }));
      await expect.poll(() => spansOf('order_status').length).toBe(1);
      const [span] = spansOf('order_status');
      expect(span).toMatchObject({ kind: 2, resource: { 'service.name': 'toolwatch', 'cloud.provider': 'aws' } });
      expect(receiver.requests[0]?.headers['api-key']).toBe('a-key-of-the-receiver');

      status = 503;
      await invoke(cloud, 'gateway', toolCall('search_products', { query: 'tea' }));
      const attempts = () => cloud.logs.read('/toolwatch/spans').map(({ message }) => message);
      await expect.poll(() => attempts().join()).toContain('The receiver of spans answered 503');

      status = 200;
      const aws = {
        endpoint: cloud.endpoint,
        region: 'us-east-1',
        credentials: { accessKeyId: 'operator', secretAccessKey: 'operator' },
      };
      const clients = {
        lambda: new LambdaClient(aws),
        s3: new S3Client(aws),
        logs: new CloudWatchLogsClient(aws),
      };
      const source = {
        receiver: 'toolwatch-spans',
        logGroup: '/toolwatch/calls',
        from: new Date(Date.now() - 3_600_000),
        to: new Date(),
      };
      expect(await replayLines(clients, source, () => {})).toMatchObject({ refused: 0 });
      expect(spansOf('search_products').length).toBeGreaterThan(0);
      // Sent again, it is the same span.
      expect(new Set(spansOf('order_status').map(({ spanId }) => spanId))).toEqual(new Set([span?.spanId]));
      expect([receiver.problems, refusals]).toEqual([[], []]);
    },
  );
});
