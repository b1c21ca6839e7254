import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { AwsError } from '../aws-error.ts';
import type { Clock } from '../clock.ts';
import type { Alarms } from '../cloudwatch/alarms.ts';
import type { Metrics } from '../cloudwatch/metrics.ts';
import type { DynamoDb } from '../dynamodb/dynamodb.ts';
import type { Iam } from '../iam/iam.ts';
import type { Lambda } from '../lambda/lambda.ts';
import type { Logs } from '../logs/logs.ts';
import type { ParameterStore } from '../parameter-store.ts';
import type { Place } from '../place.ts';
import { type RequestCheck, refuseRequest } from '../request-check.ts';
import type { S3 } from '../s3.ts';
import type { SecretsManager } from '../secrets-manager.ts';
import type { Sns } from '../sns/sns.ts';
import type { Sqs } from '../sqs/sqs.ts';
import { authenticate } from './authenticate.ts';
import { createCloudwatchApi } from './cloudwatch.ts';
import { createDynamoDbApi } from './dynamodb.ts';
import { createLambdaApi, invokeOverApi, streamOverApi } from './lambda.ts';
import { createLogsApi } from './logs.ts';
import { createParameterStoreApi } from './parameter-store.ts';
import {
  type ApiResponse,
  escapeXml,
  type ServiceApi,
  type SignedRequest,
  xmlElement,
  xmlResponse,
} from './request.ts';
import { createS3Api } from './s3.ts';
import { createSecretsManagerApi } from './secrets-manager.ts';
import { createSnsApi } from './sns.ts';
import { createSqsApi } from './sqs.ts';
import { createStsApi } from './sts.ts';

interface AwsApiOptions {
  place: Place;
  clock: Clock;
  iam: Iam;
  lambda: () => Lambda;
  sns: () => Sns;
  logs: () => Logs;
  s3: S3;
  sqs: Sqs;
  dynamoDb: DynamoDb;
  secrets: SecretsManager;
  parameters: ParameterStore;
  alarms: () => Alarms;
  metrics: Metrics;
  checkRequest: RequestCheck;
  /** Receives a description of each request that the emulator does not support. */
  onUnsupported: (description: string) => void;
}

const readRequest = async (incoming: IncomingMessage): Promise<SignedRequest> => ({
  method: incoming.method ?? 'GET',
  url: new URL(incoming.url ?? '/', 'http://aws'),
  headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])),
  body: await buffer(incoming),
});

/** The services' APIs, by the service's name in a signature. */
const createServiceApis = ({
  place,
  iam,
  lambda,
  sns,
  logs,
  s3,
  sqs,
  dynamoDb,
  secrets,
  parameters,
  alarms,
  metrics,
}: AwsApiOptions): Record<string, ServiceApi> => ({
  lambda: (request, principal) => createLambdaApi(lambda())(request, principal),
  logs: (request, principal) => createLogsApi(logs())(request, principal),
  s3: createS3Api(s3),
  monitoring: createCloudwatchApi(place, iam, metrics, alarms),
  sns: (request, principal) => createSnsApi(sns())(request, principal),
  sqs: createSqsApi(sqs, place),
  dynamodb: createDynamoDbApi(dynamoDb),
  secretsmanager: createSecretsManagerApi(secrets),
  ssm: createParameterStoreApi(parameters),
  sts: createStsApi(place),
});

const toErrorResponse = (incoming: IncomingMessage, error: unknown): ApiResponse => {
  const { status, code, message } =
    error instanceof AwsError ? error : new AwsError('ServiceException', String(error), 500);
  // SNS and RDS use the query protocol, which answers in XML.
  if (incoming.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
    const details = [
      ['Type', 'Sender'],
      ['Code', code],
      ['Message', escapeXml(message)],
    ] as const;
    const elements = details.map(([name, content]) => xmlElement(name, content)).join('');
    return xmlResponse(xmlElement('ErrorResponse', xmlElement('Error', elements)), status);
  }
  if (/(\/|%2F)s3(\/|%2F)aws4_request/.test(incoming.headers.authorization ?? incoming.url ?? '')) {
    const elements = xmlElement('Code', code) + xmlElement('Message', escapeXml(message));
    return xmlResponse(xmlElement('Error', elements), status);
  }
  return {
    status,
    headers: { 'x-amzn-errortype': code },
    body: JSON.stringify({ Type: 'User', Message: message, message }),
  };
};

/**
 * The endpoint at `AWS_ENDPOINT_URL`, for functions and for the AWS CLI: each request is its signer's, a role or the
 * account's administrator, and is checked against the policies.
 */
export const startAwsApi = async (options: AwsApiOptions) => {
  const { clock, iam, lambda, sns, checkRequest, onUnsupported } = options;
  const services = createServiceApis(options);

  /** Undefined when the answer has been streamed. */
  const route = async (request: SignedRequest, outgoing: ServerResponse): Promise<ApiResponse | undefined> => {
    const { method, url } = request;
    if (url.searchParams.get('Action') === 'ConfirmSubscription') {
      sns().confirm(url.searchParams.get('Token') ?? '');
      return { status: 200, body: '<ConfirmSubscriptionResponse/>' };
    }
    const { principal, service } = authenticate(iam, request, clock.now());
    if (await streamOverApi(lambda(), request, principal, outgoing)) return undefined;
    const response =
      (await invokeOverApi(lambda(), request, principal)) ?? (await services[service]?.(request, principal));
    if (response) return response;
    const description = `${Object.values(principal)[0]} called ${service}: ${method} ${url.pathname}`;
    onUnsupported(description);
    throw new AwsError('UnknownOperationException', `The emulator does not support this call: ${description}`, 404);
  };

  const server = createServer(async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    if (refuseRequest(checkRequest, incoming, outgoing)) return;
    const response = await readRequest(incoming)
      .then((request) => route(request, outgoing))
      .catch((error: unknown) => toErrorResponse(incoming, error));
    if (!response) return;
    const { status, headers, body } = response;
    outgoing.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  });
  // Signing clients keep connections open; a function that waits long for another one must not lose its connection.
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
