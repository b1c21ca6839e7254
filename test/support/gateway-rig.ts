import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { afterAll, beforeAll } from 'vitest';
import { LIVE } from '../../lambdas/contract/live.ts';
import { createGatewayFrom } from '../../lambdas/gateway/index.ts';
import { catalogueOf } from '../../lib/tools/catalogue.ts';
import { startShop } from '../../local/shop/shop.ts';
import { exampleTools } from './example-tools.ts';
import { serveFunctionUrl } from './function-url.ts';
import { type LocalFunction, serveLambda } from './lambda-endpoint.ts';
import { connect, type Generation } from './mcp-client.ts';

const PREFIX = 'toolwatch-tool-';
const API = 'toolwatch-api';
const NO_TELEMETRY = JSON.stringify({ refreshed_at: null, age_seconds: null, tools: [] });

export const FUNCTION_ENV = {
  POWERTOOLS_SERVICE_NAME: 'toolwatch',
  TOOLWATCH_ENVIRONMENT: 'test',
  TOOLWATCH_VERSION: '0.0.0-test',
  TOOLWATCH_TENANTS: 'off',
};

const CREDENTIALS = { AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };

/** Most tests are about calls, and count their lines: requests that are no call have none unless a test asks for them. */
const QUIET = { REQUEST_LINES: 'refusals' };

/**
 * The gateway over HTTP, the real tools behind a Lambda endpoint, and the shop behind the tools, for one test file. The
 * AWS SDK is the real one. `environment` are further variables of the gateway's function and of the tools'.
 */
export const gatewayRig = (environment: Record<string, string> = {}) => {
  let closers: (() => Promise<unknown>)[] = [];
  let gatewayUrl = '';
  let gateway: ReturnType<typeof createGatewayFrom>;
  let lambda: Awaited<ReturnType<typeof serveLambda>>;
  let shop: Awaited<ReturnType<typeof startShop>>;
  const create = (more: Record<string, string> = {}) =>
    createGatewayFrom(
      { ...FUNCTION_ENV, ...QUIET, TOOL_FUNCTION_PREFIX: PREFIX, ...environment, ...more },
      catalogueOf(exampleTools),
    );

  beforeAll(async () => {
    shop = await startShop();
    const functions = Object.fromEntries(
      exampleTools.map((tool) => [`${PREFIX}${tool.facts.name}:${LIVE}`, tool as LocalFunction]),
    );
    lambda = await serveLambda({ ...functions, [API]: async () => ({ statusCode: 200, body: NO_TELEMETRY }) });
    const endpoints = { AWS_ENDPOINT_URL_LAMBDA: lambda.url, SHOP_URL: shop.url, API_FUNCTION: API };
    Object.assign(process.env, FUNCTION_ENV, CREDENTIALS, endpoints, environment);
    gateway = create();
    const frontDoor = await serveFunctionUrl(gateway);
    gatewayUrl = `${frontDoor.url}/mcp`;
    closers = [frontDoor.close, lambda.close, shop.close];
  });
  afterAll(async () => {
    for (const close of closers) await close();
  });

  return {
    url: () => gatewayUrl,
    /** Another gateway before the same tools, as another process has it. */
    create,
    /** Answers an event without HTTP, for requests that no HTTP client sends. */
    handle: (event: APIGatewayProxyEventV2) =>
      gateway(event, { awsRequestId: 'r', getRemainingTimeInMillis: () => 28_000 }),
    invoked: () => lambda.invoked,
    client: (generation: Generation, headers?: Record<string, string>) => connect(gatewayUrl, generation, headers),
    /** Replaces a tool's function until the returned function is called. */
    replace: (tool: string, run: LocalFunction) => {
      const name = `${PREFIX}${tool}:${LIVE}`;
      const original = lambda.functions[name];
      lambda.functions[name] = run;
      return () => {
        if (original) lambda.functions[name] = original;
      };
    },
    shopControlUrl: () => shop.controlUrl,
  };
};
