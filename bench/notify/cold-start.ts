import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from '../../lib/bundle.ts';
import { median } from '../statistics/median.ts';

const ROUNDS = 15;

const topics = (severity: string) => ({
  inbox: `arn:aws:sns:us-east-1:000000000000:inbox-${severity}`,
  recipients: `arn:aws:sns:us-east-1:000000000000:${severity}`,
});

const startOnce = (root: string, file: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = fork(join(root, 'bench/notify/cold-start.mjs'), [file], {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: {
        PATH: process.env.PATH ?? '',
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'bench',
        AWS_SECRET_ACCESS_KEY: 'bench',
        AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
        POWERTOOLS_SERVICE_NAME: 'toolwatch',
        TOOLWATCH_ENVIRONMENT: 'bench',
        TOOLWATCH_VERSION: 'bench',
        API_FUNCTION: 'toolwatch-api',
        STATE_TABLE: 'state',
        WINDOW_SECONDS: '60',
        NOTICE_LINKS: JSON.stringify({
          cloudWatch: 'https://console.example.com',
          stacks: 'https://console.example.com',
          callLog: '/toolwatch/calls',
        }),
        CUSTOM_NOTICES_QUEUE: 'arn:aws:sqs:us-east-1:000000000000:notices',
        LAST_STACK: 'ToolwatchApp',
        MAILED_DEPLOYMENTS: 'failed',
        NOTIFY_TOPICS: JSON.stringify({ critical: topics('critical'), warning: topics('warning') }),
      },
    });
    child.once('message', (ms) => resolve(Number(ms)));
    child.once('exit', (code) => reject(new Error(`The notifier's process exited with ${code}.`)));
  });

/** The processor time from nothing until the notifier's real bundle takes its first event: the median, in milliseconds. */
export const measureColdStart = async (root: string): Promise<number> => {
  const bundles = bundle([], { functions: ['notify'] });
  // Inside the project, because the bundle finds the AWS SDK in the project's packages.
  const folder = join(root, `.toolwatch-bench-${randomUUID()}`);
  try {
    cpSync(bundles.function('notify'), folder, { recursive: true });
    const measured: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) measured.push(await startOnce(root, join(folder, 'index.mjs')));
    return median(measured);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    bundles.dispose();
  }
};
