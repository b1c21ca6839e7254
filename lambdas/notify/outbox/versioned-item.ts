import { setTimeout as timeout } from 'node:timers/promises';
import { ConditionalCheckFailedException, type PutItemCommandInput } from '@aws-sdk/client-dynamodb';

const MAX_ATTEMPTS = 10;
/** The longest pause before another attempt, in milliseconds, for each attempt so far. */
const PAUSE_MS = 25;

/** What writes the next version of an item, and only if it still has the version that this one was made from. */
export const nextVersion = (version: number) =>
  ({
    attributes: { version: { N: String(version + 1) } },
    condition: {
      ConditionExpression: 'attribute_not_exists(#id) OR #version = :version',
      ExpressionAttributeNames: { '#id': 'id', '#version': 'version' },
      ExpressionAttributeValues: { ':version': { N: String(version) } },
    },
  }) satisfies { attributes: PutItemCommandInput['Item']; condition: Partial<PutItemCommandInput> };

/** Reads, changes and writes an item, and again when another run was faster. Rejects when it is so too often. */
export const untilWritten = async <Result>(change: () => Promise<Result>): Promise<Result> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await change();
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException) || attempt === MAX_ATTEMPTS) throw error;
      await timeout(Math.random() * PAUSE_MS * attempt);
    }
  }
};
