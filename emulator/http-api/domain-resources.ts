import { createHash } from 'node:crypto';
import * as z from 'zod';
import { type ResourceHandler, resourceHandler } from '../cloudformation/resource-handler.ts';
import type { Place } from '../place.ts';
import type { Serve } from '../serve.ts';
import type { HttpApis } from './resources.ts';
import { type HttpApiOptions, serveHttpApi } from './serve.ts';

const domainProperties = z.strictObject({
  DomainName: z.string(),
  DomainNameConfigurations: z.tuple([
    z.strictObject({
      CertificateArn: z.string().startsWith('arn:'),
      EndpointType: z.literal('REGIONAL'),
      SecurityPolicy: z.literal('TLS_1_2'),
    }),
  ]),
});
const mappingProperties = z.strictObject({ ApiId: z.string(), DomainName: z.string(), Stage: z.string() });
const recordProperties = z
  .strictObject({
    Name: z.string(),
    Type: z.literal('A'),
    HostedZoneId: z.string().optional(),
    HostedZoneName: z.string().endsWith('.', 'the name of a hosted zone ends with a dot').optional(),
    AliasTarget: z.strictObject({ DNSName: z.string(), HostedZoneId: z.string() }),
  })
  .refine(({ HostedZoneId, HostedZoneName }) => !HostedZoneId !== !HostedZoneName, 'a record is in one hosted zone');

/** API Gateway's own hosted zone in us-east-1. */
const API_GATEWAY_ZONE_ID = 'Z1UJRXOUMOOFQ8';

/** By custom domain, the regional domain name that its DNS record must point to. */
type DomainTargets = Map<string, string>;

const createDomainHandler = ({ region, account }: Place, targets: DomainTargets): ResourceHandler =>
  resourceHandler(domainProperties, ({ DomainName, DomainNameConfigurations: [configuration] }) => {
    const [, , , certificateRegion, owner] = configuration.CertificateArn.split(':');
    if (certificateRegion !== region) {
      throw new Error(`the certificate is in ${certificateRegion} and the domain in ${region}`);
    }
    const id = createHash('sha256')
      .update(`${owner ?? account}/${DomainName}`)
      .digest('hex')
      .slice(0, 10);
    const RegionalDomainName = `d-${id}.execute-api.${region}.amazonaws.com`;
    targets.set(DomainName, RegionalDomainName);
    return { ref: DomainName, attributes: { RegionalDomainName, RegionalHostedZoneId: API_GATEWAY_ZONE_ID } };
  });

const createMappingHandler = (
  options: HttpApiOptions,
  apis: HttpApis,
  targets: DomainTargets,
  served: Map<string, Serve>,
): ResourceHandler =>
  resourceHandler(mappingProperties, ({ ApiId, DomainName: domainName, Stage }, { logicalId }) => {
    if (!targets.has(domainName)) throw new Error(`There is no domain ${domainName}`);
    const api = apis.apiOf(ApiId);
    const stage = api.stages.get(Stage);
    if (!stage) throw new Error(`The API has no stage ${Stage}`);
    served.set(domainName, serveHttpApi(options, { api, stage, domainName }));
    return { ref: logicalId };
  });

const createRecordHandler = (targets: DomainTargets): ResourceHandler =>
  resourceHandler(recordProperties, ({ Name, AliasTarget: { DNSName } }) => {
    if (targets.get(Name) !== DNSName) throw new Error(`${DNSName} does not answer as ${Name}`);
    return { ref: Name };
  });

/** Handlers for custom domain names of HTTP APIs and their DNS records, and the endpoints under those names. */
export const createDomainResources = (options: HttpApiOptions, apis: HttpApis) => {
  const targets: DomainTargets = new Map();
  const served = new Map<string, Serve>();
  const handlers: Record<string, ResourceHandler> = {
    'AWS::ApiGatewayV2::DomainName': createDomainHandler(options.place, targets),
    'AWS::ApiGatewayV2::ApiMapping': createMappingHandler(options, apis, targets, served),
    'AWS::Route53::RecordSet': createRecordHandler(targets),
  };
  return { handlers, serveUnder: (hostname: string): Serve | undefined => served.get(hostname) };
};
