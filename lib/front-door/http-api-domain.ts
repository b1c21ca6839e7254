import * as cdk from 'aws-cdk-lib';
import * as gateway from 'aws-cdk-lib/aws-apigatewayv2';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { CfnRecordSet } from 'aws-cdk-lib/aws-route53';
import type { Construct } from 'constructs';
import type { HttpApiSettings } from '../settings/front-door-settings.ts';

interface DomainProps {
  readonly domain: NonNullable<HttpApiSettings['domain']>;
  readonly httpApi: gateway.HttpApi;
  readonly stage: gateway.HttpStage;
}

/**
 * Adds a custom domain to the API, and its record where Route 53 has the zone. Returns the URL, with a slash at its
 * end.
 */
export function addCustomDomain(scope: Construct, { domain, httpApi, stage }: DomainProps): string {
  const { name, certificateArn, hostedZoneId, hostedZoneName } = domain;
  const domainName = new gateway.DomainName(scope, 'Domain', {
    domainName: name,
    certificate: Certificate.fromCertificateArn(scope, 'Certificate', certificateArn),
    securityPolicy: gateway.SecurityPolicy.TLS_1_2,
  });
  new gateway.ApiMapping(scope, 'Mapping', { api: httpApi, domainName, stage });
  if (hostedZoneId || hostedZoneName) {
    new CfnRecordSet(scope, 'Record', {
      name,
      type: 'A',
      ...(hostedZoneId ? { hostedZoneId } : { hostedZoneName: `${hostedZoneName}.` }),
      aliasTarget: { dnsName: domainName.regionalDomainName, hostedZoneId: domainName.regionalHostedZoneId },
    });
  } else {
    new cdk.CfnOutput(cdk.Stack.of(scope), 'DomainTarget', {
      value: domainName.regionalDomainName,
      description: `Where a CNAME record of ${name} must point`,
    });
  }
  return `https://${name}/`;
}
