import * as cdk from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { synthesizeApp } from './shop-stack.ts';
import { alarmsOf, type Resources } from './synthesized.ts';

export const HERE = { account: '111111111111', region: 'eu-central-1' };
export const ELSEWHERE = { account: '222222222222', region: 'us-east-1' };

export const aFunction = (stack: cdk.Stack, props: Partial<lambda.FunctionProps> = {}, id = 'Checkout') =>
  new lambda.Function(stack, id, {
    code: lambda.Code.fromInline('exports.handler = () => {}'),
    handler: 'index.handler',
    runtime: lambda.Runtime.NODEJS_22_X,
    loggingFormat: lambda.LoggingFormat.JSON,
    environment: { POWERTOOLS_SERVICE_NAME: 'shop' },
    ...props,
  });
export const aTool = (fn: lambda.IFunction, more = {}) => ({ name: 'checkout', function: fn, alarms: {}, ...more });
export const anApp = (env?: cdk.Environment) => {
  const app = new cdk.App();
  return { app, shop: new cdk.Stack(app, 'Shop', env ? { env } : {}) };
};
export const resourcesOf = (app: cdk.App, stack = 'Shop'): Resources =>
  synthesizeApp(app).templates[stack]?.Resources ?? {};
export const alarm = (resources: Resources, name: string) =>
  alarmsOf(resources).find(({ Properties }) => Properties.AlarmName === name)?.Properties;
export const dimension = (properties: ReturnType<typeof alarm>) => properties.Dimensions[0].Value;
export const killedDimension = (app: cdk.App) => dimension(alarm(resourcesOf(app), 'shop/tool/checkout/killed'));
