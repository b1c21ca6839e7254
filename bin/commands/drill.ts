import { LambdaClient } from '@aws-sdk/client-lambda';
import { STSClient } from '@aws-sdk/client-sts';
import { defineCommand } from 'citty';
import { brokenWays, drillAnswer, type LastDrill } from '../../lambdas/contract/drill.ts';
import { parseAs } from '../../lambdas/contract/parse-as.ts';
import { parseJson } from '../../lambdas/contract/parse-json.ts';
import { invokeFunction } from '../../operate/invoke/invoke-function.ts';
import { EXIT } from '../run-program.ts';
import { formatTable } from '../table.ts';
import { DEPLOYMENT_OPTIONS, type DeploymentArguments, findDeployment } from './deployment.ts';
import { operate } from './operation.ts';

/** As long as Lambda lets the function run, so that the connection does not give up before it. */
const MAX_WAIT_MS = 15 * 60 * 1_000;

/** Sets off a drill and waits for what it finds. Throws a sentence when there is none. */
const runDrill = async (args: DeploymentArguments): Promise<LastDrill> => {
  const { client, functionName } = findDeployment(args, 'drill');
  // One that is sent again would be refused, because the first is not over.
  const lambda = new LambdaClient({ ...client, maxAttempts: 1, requestHandler: { requestTimeout: MAX_WAIT_MS } });
  const missing = 'deploy with the setting drill, or name the settings of the deployment with --settings';
  const invoked = { functionName, missing, busy: 'a drill runs already' };
  console.error('The drill goes to everybody who is notified of alarms; it takes some minutes …');
  const payload = await invokeFunction({ lambda, sts: new STSClient(client) }, invoked, {});
  const answer = parseAs(drillAnswer, parseJson(payload), `The answer of ${functionName}`);
  if ('refused' in answer) throw new Error(answer.refused);
  return answer;
};

const printDrill = ({ started_at, ways }: LastDrill): void => {
  if (started_at === null) {
    console.log('There was no drill yet.');
    return;
  }
  console.log(`The drill of ${started_at}:`);
  const rows = ways.map(({ way, level, seconds, detail = '', confirmed_by }) => [
    way,
    level,
    seconds === undefined ? '-' : `${seconds} s`,
    confirmed_by === undefined ? detail : `seen, as ${confirmed_by} says`,
  ]);
  console.log(formatTable([['way', 'level', 'after', ''], ...rows]));
};

/** `toolwatch drill`. */
export const drill = defineCommand({
  meta: {
    name: 'toolwatch drill',
    description:
      'Sets off the alarms of the drill, follows their message to every recipient and channel, and says how far it came ' +
      'on each way. Exit code: 0 when it arrived everywhere, 1 when it did not, 2 when there was no drill.',
  },
  args: {
    last: { type: 'boolean', description: 'Show what the last drill found, instead of another one' },
    confirm: {
      type: 'string',
      description: 'Say that you see the last drill in this channel, which cannot prove it itself',
      valueHint: 'CHANNEL',
    },
    json: { type: 'boolean', description: 'Print JSON' },
    ...DEPLOYMENT_OPTIONS,
  },
  run: async ({ args }) => {
    const { last, confirm, json } = args;
    const read = (): Promise<LastDrill> => {
      if (confirm !== undefined) return operate(args, 'PUT /v1/drill/confirmations/:channel', {}, { channel: confirm });
      return last ? operate(args, 'GET /v1/drill', {}) : runDrill(args);
    };
    const found = await read();
    if (json) console.log(JSON.stringify(found));
    else printDrill(found);
    if (brokenWays(found).length > 0) process.exitCode = EXIT.wrong;
  },
});
