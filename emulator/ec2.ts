import { createHash } from 'node:crypto';
import * as z from 'zod';
import {
  type CreatedResource,
  type ResourceDeclaration,
  type ResourceHandler,
  resourceHandler,
} from './cloudformation/resource-handler.ts';

/** A range of ports through which one security group may reach another. */
interface SecurityGroupRule {
  from: string;
  to: string;
  minPort: number;
  maxPort: number;
}

const egressProperties = z.object({
  GroupId: z.string(),
  DestinationSecurityGroupId: z.string(),
  IpProtocol: z.literal('tcp'),
  FromPort: z.int(),
  ToPort: z.int(),
});
const ingressProperties = z.object({
  GroupId: z.string(),
  SourceSecurityGroupId: z.string(),
  IpProtocol: z.literal('tcp'),
  FromPort: z.int(),
  ToPort: z.int(),
});

const idOf = (prefix: string, { stack, logicalId }: ResourceDeclaration): string =>
  `${prefix}-${createHash('sha256').update(`${stack}/${logicalId}`).digest('hex').slice(0, 17)}`;

/** A resource that has an id and attributes, and no effect. */
const createPassiveHandler =
  (prefix: string, attributesOf: (id: string) => Record<string, string> = () => ({})): ResourceHandler =>
  (declared): CreatedResource => {
    const id = idOf(prefix, declared);
    return { ref: id, attributes: attributesOf(id) };
  };

const allows = (
  rules: readonly SecurityGroupRule[],
  from: readonly string[],
  to: readonly string[],
  port: number,
): boolean =>
  rules.some(
    (rule) => from.includes(rule.from) && to.includes(rule.to) && port >= rule.minPort && port <= rule.maxPort,
  );

/** Networks, reduced to which security groups may reach which: nothing is routed. */
export const createEc2 = () => {
  const ingress: SecurityGroupRule[] = [];
  const egress: SecurityGroupRule[] = [];

  return {
    /** True when security groups may reach a port of others: egress and ingress rules must both allow it. */
    mayReach: (from: readonly string[], to: readonly string[], port: number): boolean =>
      allows(egress, from, to, port) && allows(ingress, from, to, port),

    handlers: {
      'AWS::EC2::VPC': createPassiveHandler('vpc', (id) => ({ VpcId: id, DefaultSecurityGroup: `${id}-default` })),
      'AWS::EC2::Subnet': createPassiveHandler('subnet', (id) => ({ SubnetId: id })),
      'AWS::EC2::RouteTable': createPassiveHandler('rtb', (id) => ({ RouteTableId: id })),
      'AWS::EC2::SubnetRouteTableAssociation': createPassiveHandler('rtbassoc'),
      'AWS::EC2::VPCEndpoint': createPassiveHandler('vpce'),
      'AWS::EC2::SecurityGroup': createPassiveHandler('sg', (id) => ({ GroupId: id })),
      'AWS::EC2::SecurityGroupEgress': resourceHandler(egressProperties, (properties, declared) => {
        const { GroupId: from, DestinationSecurityGroupId: to, FromPort: minPort, ToPort: maxPort } = properties;
        egress.push({ from, to, minPort, maxPort });
        return { ref: idOf('sgr', declared) };
      }),
      'AWS::EC2::SecurityGroupIngress': resourceHandler(ingressProperties, (properties, declared) => {
        const { GroupId: to, SourceSecurityGroupId: from, FromPort: minPort, ToPort: maxPort } = properties;
        ingress.push({ from, to, minPort, maxPort });
        return { ref: idOf('sgr', declared) };
      }),
    } satisfies Record<string, ResourceHandler>,
  };
};

export type Ec2 = ReturnType<typeof createEc2>;
