import * as z from 'zod';
import { nameOf, type ResourceHandler, resourceHandler } from '../cloudformation/resource-handler.ts';
import type { MetricId } from '../cloudwatch/metrics.ts';
import { arnOf, type Place } from '../place.ts';
import {
  clusterProperties,
  ownServer,
  partOfCluster,
  proxyProperties,
  subnetProperties,
  targetProperties,
} from './properties.ts';

/**
 * A server and a proxy before it stand on one port here, since the template writes one. A client of TLS says which host it
 * wants when that has a name, and says nothing when it is an address (RFC 6066): so they are told apart.
 */
export const SERVER_HOST = 'localhost';
export const PROXY_HOST = '127.0.0.1';

const GIB = 1_024 ** 3;

/** One instance, or one Aurora cluster. */
export interface DatabaseServer {
  kind: 'server';
  /** How IAM names it in the right to connect. */
  resourceId: string;
  dimensions: MetricId['dimensions'];
  iamAuthentication: boolean;
  securityGroups: string[];
  templatePort: number;
  database: string;
  /** A cluster answers once it has an instance. */
  answers: boolean;
  /** Of an instance. */
  allocatedBytes?: number;
  /** Of a cluster that grows by itself, in capacity units; here it rests at the least. */
  capacity?: { least: number; most: number };
}

/** What shares a server's connections between clients. */
export interface DatabaseProxy {
  kind: 'proxy';
  name: string;
  resourceId: string;
  /** Whose rights it has at the server. */
  role: string;
  securityGroups: string[];
  target: DatabaseServer | undefined;
}

/** What the template says of the database: one server, of either kind, and perhaps a proxy before it. */
export const createServers = (place: Place, portOf: () => number) => {
  const servers = new Map<string, DatabaseServer>();
  let proxy: DatabaseProxy | undefined;

  const add = (id: string, server: DatabaseServer) => {
    if (servers.size > 0) throw new Error('the local run has one database server');
    servers.set(id, server);
  };
  const serverNamed = (id: string): DatabaseServer => {
    const server = servers.get(id);
    if (!server) throw new Error(`there is no database server ${id}`);
    return server;
  };
  const endpoint = () => ({ 'Endpoint.Address': SERVER_HOST, 'Endpoint.Port': String(portOf()) });

  const makeInstance = resourceHandler(ownServer, (properties, declared) => {
    const id = properties.DBInstanceIdentifier ?? nameOf(declared).toLowerCase();
    add(id, {
      kind: 'server',
      resourceId: 'db-LOCAL',
      dimensions: { DBInstanceIdentifier: id },
      iamAuthentication: properties.EnableIAMDatabaseAuthentication,
      securityGroups: properties.VPCSecurityGroups,
      templatePort: properties.Port,
      database: properties.DBName,
      answers: true,
      allocatedBytes: properties.AllocatedStorage * GIB,
    });
    const attributes = { DbiResourceId: 'db-LOCAL', DBInstanceArn: arnOf(place, 'rds', `db:${id}`) };
    return { ref: id, attributes: { ...endpoint(), ...attributes } };
  });

  const makePart = resourceHandler(partOfCluster, (properties, declared) => {
    serverNamed(properties.DBClusterIdentifier).answers = true;
    return { ref: properties.DBInstanceIdentifier ?? nameOf(declared).toLowerCase(), attributes: endpoint() };
  });

  return {
    server: (): DatabaseServer | undefined => [...servers.values()][0],
    proxy: (): DatabaseProxy | undefined => proxy,

    rules: {
      'AWS::RDS::DBSubnetGroup': resourceHandler(subnetProperties, (_, declared) => ({
        ref: nameOf(declared).toLowerCase(),
      })),
      'AWS::RDS::DBInstance': (declared) => {
        const isPart = z.looseObject({ DBClusterIdentifier: z.string() }).safeParse(declared.properties).success;
        return isPart ? makePart(declared) : makeInstance(declared);
      },
      'AWS::RDS::DBCluster': resourceHandler(clusterProperties, (properties, declared) => {
        const id = properties.DBClusterIdentifier ?? nameOf(declared).toLowerCase();
        const { MinCapacity: least, MaxCapacity: most } = properties.ServerlessV2ScalingConfiguration;
        add(id, {
          kind: 'server',
          resourceId: 'cluster-LOCAL',
          dimensions: { DBClusterIdentifier: id },
          iamAuthentication: properties.EnableIAMDatabaseAuthentication,
          securityGroups: properties.VpcSecurityGroupIds,
          templatePort: properties.Port,
          database: properties.DatabaseName,
          answers: false,
          capacity: { least, most },
        });
        const attributes = { DBClusterResourceId: 'cluster-LOCAL', DBClusterArn: arnOf(place, 'rds', `cluster:${id}`) };
        return { ref: id, attributes: { ...endpoint(), ...attributes } };
      }),
      'AWS::RDS::DBProxy': resourceHandler(proxyProperties, ({ DBProxyName: name, RoleArn, VpcSecurityGroupIds }) => {
        if (proxy) throw new Error('the local run has one proxy');
        proxy = {
          kind: 'proxy',
          name,
          resourceId: 'prx-LOCAL',
          role: RoleArn,
          securityGroups: VpcSecurityGroupIds,
          target: undefined,
        };
        const attributes = { DBProxyArn: arnOf(place, 'rds', 'db-proxy:prx-LOCAL'), Endpoint: PROXY_HOST };
        return { ref: name, attributes };
      }),
      'AWS::RDS::DBProxyTargetGroup': resourceHandler(targetProperties, (properties) => {
        if (proxy?.name !== properties.DBProxyName) throw new Error(`there is no proxy ${properties.DBProxyName}`);
        const [id, ...more] = [...properties.DBInstanceIdentifiers, ...properties.DBClusterIdentifiers];
        if (id === undefined || more.length > 0) throw new Error('a proxy has one server to put its connections to');
        proxy.target = serverNamed(id);
        return { ref: arnOf(place, 'rds', 'target-group:prx-tg-LOCAL') };
      }),
    } satisfies Record<string, ResourceHandler>,
  };
};

export type Servers = ReturnType<typeof createServers>;
