import { createHash } from 'node:crypto';
import * as z from 'zod';
import {
  type CreatedResource,
  type ResourceDeclaration,
  type ResourceHandler,
  resourceHandler,
} from './cloudformation/resource-handler.ts';

/** A range of ports that members of one group may use towards members of another. */
interface Opening {
  from: string;
  to: string;
  ports: [number, number];
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

/** Networks. Here they route nothing: what is left of them is who may reach whom. */
export const createEc2 = () => {
  const inward: Opening[] = [];
  const outward: Opening[] = [];
  const allows = (openings: readonly Opening[], from: readonly string[], to: readonly string[], port: number) =>
    openings.some(
      (one) => from.includes(one.from) && to.includes(one.to) && port >= one.ports[0] && port <= one.ports[1],
    );

  const named = (prefix: string, attributes: (id: string) => Record<string, string> = () => ({})): ResourceHandler => {
    return (declared): CreatedResource => {
      const id = idOf(prefix, declared);
      return { ref: id, attributes: attributes(id) };
    };
  };

  return {
    /** True when a connection from one set of security groups may reach a port of another: let out there, and let in here. */
    mayReach: (from: readonly string[], to: readonly string[], port: number): boolean =>
      allows(outward, from, to, port) && allows(inward, from, to, port),

    handlers: {
      'AWS::EC2::VPC': named('vpc', (id) => ({ VpcId: id, DefaultSecurityGroup: `${id}-default` })),
      'AWS::EC2::Subnet': named('subnet', (id) => ({ SubnetId: id })),
      'AWS::EC2::RouteTable': named('rtb', (id) => ({ RouteTableId: id })),
      'AWS::EC2::SubnetRouteTableAssociation': named('rtbassoc'),
      'AWS::EC2::VPCEndpoint': named('vpce'),
      'AWS::EC2::SecurityGroup': named('sg', (id) => ({ GroupId: id })),
      'AWS::EC2::SecurityGroupEgress': resourceHandler(egressProperties, (properties, declared) => {
        const { GroupId: from, DestinationSecurityGroupId: to, FromPort, ToPort } = properties;
        outward.push({ from, to, ports: [FromPort, ToPort] });
        return { ref: idOf('sgr', declared) };
      }),
      'AWS::EC2::SecurityGroupIngress': resourceHandler(ingressProperties, (properties, declared) => {
        const { GroupId: to, SourceSecurityGroupId: from, FromPort, ToPort } = properties;
        inward.push({ from, to, ports: [FromPort, ToPort] });
        return { ref: idOf('sgr', declared) };
      }),
    } satisfies Record<string, ResourceHandler>,
  };
};

export type Ec2 = ReturnType<typeof createEc2>;
