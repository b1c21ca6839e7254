import * as cdk from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as rds from 'aws-cdk-lib/aws-rds';
import type { Construct } from 'constructs';
import type { DatabaseServer } from './database-server.ts';

interface ProxyProps {
  readonly vpc: ec2.IVpc;
  readonly firewall: ec2.ISecurityGroup;
  readonly server: DatabaseServer;
  /** The ARNs, in `rds-db:connect`, of the server's users that may connect through the proxy. */
  readonly userArns: string[];
  /** Whether functions connect through it. */
  readonly isUsed: boolean;
}

/** Adds RDS Proxy, which shares connections between functions. IAM authenticates both sides, so there is no secret. */
export function addProxy(scope: Construct, { vpc, firewall, server, userArns, isUsed }: ProxyProps) {
  const role = new iam.Role(scope, 'ProxyRole', {
    assumedBy: new iam.ServicePrincipal('rds.amazonaws.com'),
    inlinePolicies: {
      Own: new iam.PolicyDocument({
        statements: [new iam.PolicyStatement({ actions: ['rds-db:connect'], resources: userArns })],
      }),
    },
  });
  const proxy = new rds.CfnDBProxy(scope, 'Proxy', {
    dbProxyName: `${cdk.Stack.of(scope).stackName}-proxy`.toLowerCase(),
    engineFamily: 'POSTGRESQL',
    defaultAuthScheme: 'IAM_AUTH',
    requireTls: true,
    roleArn: role.roleArn,
    vpcSubnetIds: vpc.isolatedSubnets.map((subnet) => subnet.subnetId),
    vpcSecurityGroupIds: [firewall.securityGroupId],
  });
  const targets = new rds.CfnDBProxyTargetGroup(scope, 'ProxyTargets', {
    dbProxyName: proxy.ref,
    targetGroupName: 'default',
    ...server.proxyTarget,
    // If the proxy could take every connection, none would be left for the migration and for people.
    connectionPoolConfigurationInfo: { maxConnectionsPercent: 80, maxIdleConnectionsPercent: 40 },
  });
  targets.addResourceDependency(server.ready);
  if (!isUsed) exportAsBefore(cdk.Stack.of(scope), proxy);
  return {
    host: proxy.attrEndpoint,
    port: server.port,
    /** The last part of its ARN, `…:db-proxy:prx-…`. */
    resourceId: cdk.Fn.select(6, cdk.Fn.split(':', proxy.attrDbProxyArn)),
  };
}

/**
 * Keeps the exports that an app stack imports while it uses the proxy: the data stack is deployed first, and an export
 * cannot be removed while another stack imports it.
 */
function exportAsBefore(stack: cdk.Stack, proxy: rds.CfnDBProxy): void {
  for (const value of [proxy.attrEndpoint, proxy.attrDbProxyArn]) stack.exportValue(value);
}
