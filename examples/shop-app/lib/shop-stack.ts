import * as cdk from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import * as integrations from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { ToolObservability } from 'toolwatch';
import { handler as deliveryPrice } from '../lambdas/delivery-price.ts';

const SERVICE = 'shop';
const LOG_GROUP = '/shop/calls';

/** An HTTP API, a queue and three functions, each of which writes one line for every call; and the alarms on those lines. */
export class ShopStack extends cdk.Stack {
  constructor(scope: Construct, id: string, props?: cdk.StackProps) {
    super(scope, id, props);
    const calls = new logs.LogGroup(this, 'Calls', {
      logGroupName: LOG_GROUP,
      retention: logs.RetentionDays.TWO_WEEKS,
    });
    const addFunction = (name: string, file: string) =>
      new NodejsFunction(this, name, {
        entry: `lambdas/${file}`,
        runtime: lambda.Runtime.NODEJS_24_X,
        architecture: lambda.Architecture.ARM_64,
        memorySize: 256,
        timeout: cdk.Duration.seconds(10),
        bundling: { format: OutputFormat.ESM, mainFields: ['module', 'main'] },
        // The alarms read lines of level INFO, as JSON, from one log group.
        logGroup: calls,
        loggingFormat: lambda.LoggingFormat.JSON,
        applicationLogLevelV2: lambda.ApplicationLogLevel.INFO,
        environment: { POWERTOOLS_SERVICE_NAME: SERVICE, TOOLWATCH_ENVIRONMENT: 'production' },
      });

    const checkout = addFunction('Checkout', 'checkout.ts');
    const api = new apigateway.HttpApi(this, 'Api');
    api.addRoutes({
      path: '/checkout',
      methods: [apigateway.HttpMethod.POST],
      integration: new integrations.HttpLambdaIntegration('CheckoutIntegration', checkout),
    });

    const orders = new sqs.Queue(this, 'Orders', {
      visibilityTimeout: cdk.Duration.minutes(1),
      deadLetterQueue: { queue: new sqs.Queue(this, 'FailedOrders'), maxReceiveCount: 3 },
    });
    const fulfil = addFunction('Fulfil', 'fulfil.ts');
    fulfil.addEventSource(new SqsEventSource(orders, { reportBatchItemFailures: true }));
    const price = addFunction('DeliveryPrice', 'delivery-price.ts');

    new ToolObservability(this, 'Observability', {
      callLogName: LOG_GROUP,
      tools: [
        { name: 'checkout', function: checkout, alarms: { p95Ms: 2_000, errorRate: 0.02 } },
        { name: 'fulfil', function: fulfil, alarms: { p95Ms: 5_000, errorRate: 0.05 } },
        { ...deliveryPrice.facts, function: price },
      ],
      queues: [{ name: 'orders', queue: orders, criticalDepth: 2_000 }],
      settings: {
        service: SERVICE,
        alerts: { critical: { emails: ['oncall@example.com'] }, warning: { emails: ['shop@example.com'] } },
      },
    });
  }
}
