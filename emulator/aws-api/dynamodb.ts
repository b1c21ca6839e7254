import type { DynamoDb } from '../dynamodb/dynamodb.ts';
import { operationOf, type ServiceApi } from './request.ts';

const JSON_1_0 = { 'content-type': 'application/x-amz-json-1.0' };

/** The operations on items of tables. */
export const createDynamoDbApi =
  (dynamoDb: DynamoDb): ServiceApi =>
  async (request, principal) => {
    const operation = operationOf(request, 'DynamoDB_20120810');
    const response = operation && (await dynamoDb.ask(principal, operation, request.body));
    return response ? { ...response, headers: JSON_1_0 } : undefined;
  };
