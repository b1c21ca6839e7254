import { AGENTCORE_KEYS, AGENTCORE_NAME_SEPARATOR } from '../../contract/client-context.ts';
import { traceContextOf } from '../call/correlation.ts';
import type { FunctionContext } from '../call/incoming.ts';
import { readItems, readList, readProperty, readText } from '../call/read-safely.ts';
import { failureOfErrorAnswer, failureOfItems, failureOfLikelyStatus } from './answer-failures.ts';
import type { EventShape } from './shape.ts';

function toolNameOf({ custom }: FunctionContext): string | undefined {
  return readText(custom, AGENTCORE_KEYS.toolName);
}

/** A tool behind a gateway: what it answers is the tool's result. Functions of HTTP APIs are often given to it as tools. */
export const AGENTCORE: EventShape = {
  sender: 'AgentCore Gateway, or our gateway',
  matches: (_event, lambda) => toolNameOf(lambda) !== undefined,
  describe(event, lambda) {
    const name = toolNameOf(lambda) ?? '';
    return { kind: 'tool', name: name.split(AGENTCORE_NAME_SEPARATOR).at(-1) || name, readArguments: () => event };
  },
  failureIn: (answer) => failureOfErrorAnswer(answer) ?? failureOfLikelyStatus(answer),
};

const SCHEDULE = 'Scheduled Event';

export const EVENTBRIDGE: EventShape = {
  sender: 'EventBridge, which reads no answer',
  matches: (event) => readText(event, 'detail-type') !== undefined && readText(event, 'source') !== undefined,
  describe(event) {
    const type = readText(event, 'detail-type') ?? '';
    const [rule] = readList(event, 'resources');
    const ruleName = typeof rule === 'string' ? rule.split(/[:/]/).at(-1) : undefined;
    return {
      kind: 'job',
      name: (type === SCHEDULE && ruleName) || type,
      readArguments: () => readProperty(event, 'detail'),
    };
  },
  failureIn: () => undefined,
};

/** A resolver of several fields receives and answers a list. */
function fieldsOf(event: unknown): unknown[] {
  const batch = readItems(event);
  return batch.length > 0 ? batch : [event];
}

function infoOf(event: unknown): unknown {
  return readProperty(fieldsOf(event)[0], 'info');
}

export const APPSYNC: EventShape = {
  sender: 'AppSync',
  matches: (event) => readText(infoOf(event), 'fieldName') !== undefined,
  describe(event) {
    const fields = fieldsOf(event);
    return {
      kind: 'http',
      name: `${readText(infoOf(event), 'parentTypeName') ?? 'Query'}.${readText(infoOf(event), 'fieldName')}`,
      call: traceContextOf(readProperty(readProperty(fields[0], 'request'), 'headers')),
      ...(fields[0] !== event && { records: fields.length }),
      readArguments: () => fields.map((field) => ['arguments', 'source'].map((key) => readProperty(field, key))),
    };
  },
  failureIn: (answer) => failureOfItems(readItems(answer), (item) => readText(item, 'errorMessage') !== undefined),
};

/** Anything else: Step Functions, another function, a test. A status in its answer is taken for what it says. */
export const DIRECT: EventShape = {
  sender: 'any other',
  matches: () => true,
  describe: (event, { functionName }) => ({
    kind: 'job',
    name: functionName ?? 'unknown',
    readArguments: () => event,
  }),
  failureIn: failureOfLikelyStatus,
};
