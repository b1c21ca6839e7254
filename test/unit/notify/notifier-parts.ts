import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  type GetItemCommand,
  type PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { IncidentMessage } from '../../../lambdas/notify/incidents/incident.ts';
import type { updateIncidents } from '../../../lambdas/notify/incidents/update-incidents.ts';

/** DynamoDB's limit for an item, in bytes; of the rest of an item there are few. */
const MAX_ITEM_BYTES = 409_600;

/**
 * The items of a table, with DynamoDB's conditions and its limit; `interfere` runs before each write, as another run
 * would.
 */
export const createTable = () => {
  const items = new Map<string, PutItemCommand['input']['Item']>();
  const table = {
    interfere: async () => {},
    failsReads: false,
    failsWrites: false,
    writes: 0,
    client: {
      send: async ({ input }: GetItemCommand | PutItemCommand) => {
        if (!('Item' in input)) {
          if (table.failsReads) throw new Error('DynamoDB does not answer');
          return { Item: items.get(input.Key?.id?.S ?? '') };
        }
        await table.interfere();
        if (table.failsWrites) throw new Error('DynamoDB does not answer');
        const id = input.Item?.id?.S ?? '';
        const item = items.get(id);
        const expected = input.ExpressionAttributeValues?.[':version']?.N;
        if (item && item.version?.N !== expected) {
          throw new ConditionalCheckFailedException({ message: 'The conditional request failed', $metadata: {} });
        }
        if ((input.Item?.state?.B?.length ?? 0) > MAX_ITEM_BYTES) throw new Error('Item size has exceeded the limit');
        table.writes += 1;
        items.set(id, input.Item);
        return {};
      },
    } as unknown as DynamoDBClient,
  };
  return table;
};

/** An incident for each alarm, over as soon as that is: when people are notified is tested where incidents are. */
export const reportEachAlarm: typeof updateIncidents = (incidents, changes, at) => {
  const alarms = { ...incidents.alarms };
  const messages = [...changes]
    .sort((a, b) => a.at - b.at)
    .flatMap(({ alarm, severity, state, at: since, notification }): IncidentMessage[] => {
      const isFiring = state === 'ALARM';
      const known = alarms[alarm];
      if (isFiring === (known?.isFiring ?? false)) return [];
      const began = isFiring ? since : (known?.since ?? since);
      alarms[alarm] = { severity, isFiring, since: began, changedAt: since, withoutData: false, notification };
      const incident = `${alarm}@${began}`;
      return [
        {
          kind: isFiring ? 'opened' : 'over',
          incident,
          cause: alarm,
          severity,
          alarm,
          members: [alarm],
          since: began,
          at,
          notification,
        },
      ];
    });
  return { incidents: { ...incidents, alarms }, messages };
};
