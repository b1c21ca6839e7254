import { join } from 'node:path';
import * as z from 'zod';
import { AwsError } from '../aws-error.ts';
import { nameOf, type ResourceHandler, resourceHandler } from '../cloudformation/resource-handler.ts';
import type { Iam } from '../iam/iam.ts';
import type { Principal } from '../iam/policy.ts';
import { arnOf, type Place } from '../place.ts';
import { startTableServer, type TableResponse, type TableServer } from './table-server.ts';

const key = z.strictObject({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) });

/** A property that is not listed (indexes, streams, a customer's key, …) is refused. */
const tableProperties = z.strictObject({
  TableName: z.string().optional(),
  AttributeDefinitions: z.array(z.strictObject({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) })),
  KeySchema: z.array(key).min(1),
  BillingMode: z.literal('PAY_PER_REQUEST', 'the emulator supports tables on demand only'),
  PointInTimeRecoverySpecification: z.strictObject({ PointInTimeRecoveryEnabled: z.boolean() }).optional(),
  /** Deleted is nothing here: in AWS it takes up to days as well, so whoever reads must look at the time. */
  TimeToLiveSpecification: z.strictObject({ AttributeName: z.string(), Enabled: z.boolean() }).optional(),
  DeletionProtectionEnabled: z.boolean().optional(),
  Tags: z.unknown().optional(),
});

/** The operations that are answered; each needs the right of its name. */
const OPERATIONS = ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query', 'DescribeTable'];

const requestSchema = z.object({ TableName: z.string() });
const errorSchema = z.object({ __type: z.string(), message: z.string().default('') });

interface DynamoDbOptions {
  place: Place;
  iam: Iam;
  /** Where tables are; they survive a restart. */
  folder: string;
}

/** Throws when the server refused, unless the table is there already: then an earlier run left it. */
const expectTable = ({ status, body }: TableResponse): void => {
  if (status === 200) return;
  const { __type, message } = errorSchema.parse(JSON.parse(body));
  if (!__type.endsWith('#ResourceInUseException')) throw new Error(`The table could not be created: ${message}`);
};

/** Tables on demand, with their conditional writes. The server of the tables starts with the first of them. */
export const createDynamoDb = ({ place, iam, folder }: DynamoDbOptions) => {
  const tables = new Set<string>();
  let server: Promise<TableServer> | undefined;
  const findServer = (): Promise<TableServer> => {
    server ??= startTableServer(join(folder, 'dynamodb'));
    return server;
  };

  return {
    /** Answers an operation; undefined for one that is not supported. Throws `AwsError` when the principal may not. */
    ask: async (principal: Principal, operation: string, body: Buffer): Promise<TableResponse | undefined> => {
      if (!OPERATIONS.includes(operation)) return undefined;
      const { TableName } = requestSchema.parse(JSON.parse(body.toString('utf8')));
      const name = TableName.split('/').at(-1) ?? TableName;
      iam.authorize({
        principal,
        action: `dynamodb:${operation}`,
        resource: arnOf(place, 'dynamodb', `table/${name}`),
      });
      if (!tables.has(name)) throw new AwsError('ResourceNotFoundException', `There is no table ${name}`);
      return (await findServer()).ask(operation, body);
    },

    stop: async (): Promise<void> => {
      await (await server)?.stop();
    },

    handlers: {
      'AWS::DynamoDB::Table': resourceHandler(tableProperties, async (properties, declared) => {
        const { TableName = nameOf(declared), AttributeDefinitions, KeySchema, BillingMode } = properties;
        const table = { TableName, AttributeDefinitions, KeySchema, BillingMode };
        expectTable(await (await findServer()).ask('CreateTable', JSON.stringify(table)));
        tables.add(TableName);
        return { ref: TableName, attributes: { Arn: arnOf(place, 'dynamodb', `table/${TableName}`) } };
      }),
    } satisfies Record<string, ResourceHandler>,
  };
};

export type DynamoDb = ReturnType<typeof createDynamoDb>;
