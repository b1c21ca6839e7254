import { createHash } from 'node:crypto';
import * as z from 'zod';
import { type ResourceHandler, resourceHandler } from '../cloudformation/resource-handler.ts';
import type { Serve } from '../serve.ts';
import { type HttpApiOptions, serveHttpApi } from './http-api.ts';
import type { HttpApis } from './resources.ts';

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
    HostedZoneName: z.string().endsWith('.', 'the name of a zone ends with a dot').optional(),
    AliasTarget: z.strictObject({ DNSName: z.string(), HostedZoneId: z.string() }),
  })
  .refine(({ HostedZoneId, HostedZoneName }) => !HostedZoneId !== !HostedZoneName, 'a record is in one hosted zone');

/** API Gateway's own zone in us-east-1. */
const ZONE = 'Z1UJRXOUMOOFQ8';

/** Names of one's own for HTTP APIs, and their records. */
export const domainResources = (options: HttpApiOptions, apis: HttpApis) => {
  const { region, account } = options.place;
  /** Where each domain's names must point. */
  const targets = new Map<string, string>();
  const served = new Map<string, Serve>();

  const rules: Record<string, ResourceHandler> = {
    'AWS::ApiGatewayV2::DomainName': resourceHandler(
      domainProperties,
      ({ DomainName, DomainNameConfigurations: [one] }) => {
        const [, , , certified, owner] = one.CertificateArn.split(':');
        if (certified !== region) throw new Error(`the certificate is in ${certified} and the domain in ${region}`);
        const id = createHash('sha256')
          .update(`${owner ?? account}/${DomainName}`)
          .digest('hex')
          .slice(0, 10);
        const RegionalDomainName = `d-${id}.execute-api.${region}.amazonaws.com`;
        targets.set(DomainName, RegionalDomainName);
        return { ref: DomainName, attributes: { RegionalDomainName, RegionalHostedZoneId: ZONE } };
      },
    ),

    'AWS::ApiGatewayV2::ApiMapping': resourceHandler(
      mappingProperties,
      ({ ApiId, DomainName, Stage }, { logicalId }) => {
        if (!targets.has(DomainName)) throw new Error(`There is no domain ${DomainName}`);
        const api = apis.apiOf(ApiId);
        const stage = api.stages.get(Stage);
        if (!stage) throw new Error(`The API has no stage ${Stage}`);
        served.set(DomainName, serveHttpApi(options, api, stage, DomainName));
        return { ref: logicalId };
      },
    ),

    'AWS::Route53::RecordSet': resourceHandler(recordProperties, ({ Name, AliasTarget }) => {
      if (targets.get(Name) !== AliasTarget.DNSName)
        throw new Error(`${AliasTarget.DNSName} does not answer as ${Name}`);
      return { ref: Name };
    }),
  };
  return { rules, serveUnder: (hostname: string): Serve | undefined => served.get(hostname) };
};
