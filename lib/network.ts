import * as cdk from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import type { Network } from './function.ts';
import { acknowledge } from './nag.ts';
import type { Settings } from './settings.ts';

/** The network of the settings; by default a new one, from which nothing leads anywhere but to S3. */
export function findOrCreateVpc(scope: Construct, { network }: Pick<Settings, 'network'>): ec2.IVpc {
  if (!network) return createVpc(scope);
  const { vpcId, subnetIds } = network;
  const vpc = ec2.Vpc.fromVpcAttributes(scope, 'Vpc', {
    vpcId,
    isolatedSubnetIds: subnetIds,
    // The CDK wants a zone for each subnet, and nothing here reads them.
    availabilityZones: subnetIds.map((_, index) => cdk.Fn.select(index, cdk.Fn.getAzs())),
  });
  // The CDK wants their route tables as well, for routes that nothing here adds.
  for (const subnet of vpc.isolatedSubnets) {
    cdk.Annotations.of(subnet).acknowledgeWarning('@aws-cdk/aws-ec2:noSubnetRouteTableId');
  }
  return vpc;
}

function createVpc(scope: Construct): ec2.IVpc {
  const vpc = new ec2.Vpc(scope, 'Vpc', {
    // The CDK would empty the default group by a function of its own under a managed policy; nothing uses that group.
    restrictDefaultSecurityGroup: false,
    natGateways: 0,
    maxAzs: 2,
    subnetConfiguration: [{ name: 'Isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: 24 }],
    gatewayEndpoints: { S3: { service: ec2.GatewayVpcEndpointAwsService.S3 } },
  });
  acknowledge(
    vpc,
    'AwsSolutions-VPC7',
    'Nothing in the network has a route out, and flow logs cost more than the rest of it.',
  );
  return vpc as ec2.IVpc; // With exactOptionalPropertyTypes, the CDK's classes do not match its interfaces
}

/** Where functions are that need no database: outside of any network, unless the settings say otherwise. */
export function networkOfOthers(
  scope: Construct,
  { network }: Pick<Settings, 'network'>,
  { vpc, subnets }: Pick<Network, 'vpc' | 'subnets'>,
): Network | undefined {
  if (!network?.allFunctions) return undefined;
  const securityGroup = new ec2.SecurityGroup(scope, 'Functions', {
    vpc,
    description: 'May call anything and be called by nothing',
    allowAllOutbound: true,
  });
  return { vpc, subnets, securityGroup: securityGroup as ec2.ISecurityGroup };
}
