const SQS_ARN = 'arn:aws:sqs:eu-west-1:123456789012:orders';
const TABLE_STREAM = 'arn:aws:dynamodb:eu-west-1:123456789012:table/Orders/stream/2026-01-01T00:00:00.000';
const KINESIS_ARN = 'arn:aws:kinesis:eu-west-1:123456789012:stream/clicks';
const TARGET_GROUP = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/shop/49e9d65c45c6791a';
const METHOD_ARN = 'arn:aws:execute-api:eu-west-1:123456789012:a1b2c3/prod/GET/orders';

const records = (eventSource: string, eventSourceARN: string, count = 3) =>
  Array.from({ length: count }, (_, index) => ({ messageId: `m-${index}`, eventSource, eventSourceARN, body: 'x' }));

const headers = { 'X-Request-Id': 'req-9', 'user-agent': 'curl/8' };

/** Events as each sender of AWS writes them, by the sender; only the parts that tell them apart. */
export const EVENTS = {
  httpApi: {
    version: '2.0',
    routeKey: 'GET /orders/{id}',
    rawPath: '/orders/17',
    headers,
    requestContext: { http: { method: 'GET', path: '/orders/17', userAgent: 'curl/8' } },
  },
  functionUrl: {
    version: '2.0',
    routeKey: '$default',
    rawPath: '/orders',
    headers,
    requestContext: { domainName: 'a.lambda-url.eu-west-1.on.aws', http: { method: 'POST', userAgent: 'curl/8' } },
  },
  restApi: {
    resource: '/orders/{id}',
    path: '/orders/17',
    httpMethod: 'GET',
    headers,
    multiValueHeaders: { 'X-Request-Id': ['req-9'] },
    requestContext: { resourcePath: '/orders/{id}', httpMethod: 'GET', identity: { userAgent: 'curl/8' } },
    body: null,
  },
  loadBalancer: {
    requestContext: { elb: { targetGroupArn: TARGET_GROUP } },
    httpMethod: 'GET',
    path: '/orders/17',
    headers: { 'x-request-id': 'req-9', 'user-agent': 'curl/8' },
    body: '',
    isBase64Encoded: false,
  },
  webSocketApi: {
    requestContext: { routeKey: 'sendOrder', eventType: 'MESSAGE', connectionId: 'abc=' },
    body: '{"order":1}',
    isBase64Encoded: false,
  },
  tokenAuthorizer: { type: 'TOKEN', methodArn: METHOD_ARN, authorizationToken: 'Bearer abcdef' },
  requestAuthorizer: {
    version: '2.0',
    type: 'REQUEST',
    routeArn: METHOD_ARN,
    identitySource: ['Bearer abcdef'],
    requestContext: { http: { method: 'GET' } },
  },
  queue: { Records: records('aws:sqs', SQS_ARN) },
  kinesis: { Records: records('aws:kinesis', KINESIS_ARN) },
  dynamoDb: { Records: records('aws:dynamodb', TABLE_STREAM) },
  kafka: {
    eventSource: 'aws:kafka',
    records: { 'orders-0': [{ topic: 'orders' }, { topic: 'orders' }], 'orders-1': [{ topic: 'orders' }] },
  },
  firehose: { deliveryStreamArn: 'arn:aws:firehose:eu-west-1:1:deliverystream/clicks', records: [{}, {}, {}] },
  bucket: { Records: [{ eventSource: 'aws:s3', s3: { bucket: { name: 'receipts' } } }] },
  topic: { Records: [{ EventSource: 'aws:sns', Sns: { Message: 'm' } }] },
  eventBridge: { source: 'shop', 'detail-type': 'OrderPlaced', resources: [], detail: { id: 1 } },
  schedule: {
    source: 'aws.events',
    'detail-type': 'Scheduled Event',
    resources: ['arn:aws:events:eu-west-1:123456789012:rule/nightly'],
    detail: {},
  },
  appSync: { arguments: { id: 1 }, info: { fieldName: 'order', parentTypeName: 'Query' }, request: { headers } },
  appSyncBatch: [1, 2, 3].map((id) => ({ source: { id }, info: { fieldName: 'items', parentTypeName: 'Order' } })),
  stepFunctions: { orderId: 17, attempt: 1 },
  direct: { body: '{"items":[]}' },
} as const;

export type Sender = keyof typeof EVENTS;
