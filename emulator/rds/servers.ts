import * as z from 'zod';
import {
  type CreatedResource,
  nameOf,
  type ResourceDeclaration,
  type ResourceHandler,
  resourceHandler,
} from '../cloudformation/resource-handler.ts';
import type { MetricId } from '../cloudwatch/metrics.ts';
import { arnOf, type Place } from '../place.ts';
import {
  clusterInstanceProperties,
  clusterProperties,
  instanceProperties,
  proxyProperties,
  subnetGroupProperties,
  targetGroupProperties,
} from './properties.ts';

/**
 * A server and a proxy share one port here, because the template writes only one. A TLS client names its host when the
 * host is a name and not when it is an IP address (RFC 6066), and that tells them apart.
 */
export const SERVER_HOST = 'localhost';
export const PROXY_HOST = '127.0.0.1';

const GIB = 1_024 ** 3;

/** One instance, or one Aurora cluster. */
export interface DatabaseServer {
  kind: 'server';
  /** Its name in the resource of `rds-db:connect`. */
  resourceId: string;
  dimensions: MetricId['dimensions'];
  iamAuthentication: boolean;
  securityGroups: string[];
  templatePort: number;
  database: string;
  /** False for a cluster that has no instance yet. */
  isAvailable: boolean;
  /** Set for an instance. */
  allocatedBytes?: number;
  /** Set for a cluster that scales, in Aurora capacity units; here it stays at the minimum. */
  capacity?: { min: number; max: number };
}

/** Shares a server's connections between clients. */
export interface DatabaseProxy {
  kind: 'proxy';
  name: string;
  resourceId: string;
  /** The role under which it signs in at the server. */
  role: string;
  securityGroups: string[];
  target: DatabaseServer | undefined;
}

/** The database that the template declares: one server, and a proxy or none. */
export class DatabaseServers {
  private readonly byIdentifier = new Map<string, DatabaseServer>();
  private declaredProxy: DatabaseProxy | undefined;
  private readonly place: Place;
  /** The port at which both are reached. */
  private readonly portOf: () => number;

  constructor(place: Place, portOf: () => number) {
    this.place = place;
    this.portOf = portOf;
  }

  server(): DatabaseServer | undefined {
    return [...this.byIdentifier.values()][0];
  }

  proxy(): DatabaseProxy | undefined {
    return this.declaredProxy;
  }

  readonly handlers = {
    'AWS::RDS::DBSubnetGroup': resourceHandler(subnetGroupProperties, (_, declared) => ({
      ref: nameOf(declared).toLowerCase(),
    })),
    'AWS::RDS::DBInstance': (declared) => {
      const isInCluster = z.looseObject({ DBClusterIdentifier: z.string() }).safeParse(declared.properties).success;
      return isInCluster ? this.addClusterInstance(declared) : this.addInstance(declared);
    },
    'AWS::RDS::DBCluster': resourceHandler(clusterProperties, (properties, declared) =>
      this.addCluster(properties, declared),
    ),
    'AWS::RDS::DBProxy': resourceHandler(proxyProperties, (properties) => this.addProxy(properties)),
    'AWS::RDS::DBProxyTargetGroup': resourceHandler(targetGroupProperties, (properties) => this.setTarget(properties)),
  } satisfies Record<string, ResourceHandler>;

  private readonly addInstance = resourceHandler(instanceProperties, (properties, declared) => {
    const identifier = properties.DBInstanceIdentifier ?? nameOf(declared).toLowerCase();
    this.addServer(identifier, {
      kind: 'server',
      resourceId: 'db-LOCAL',
      dimensions: { DBInstanceIdentifier: identifier },
      iamAuthentication: properties.EnableIAMDatabaseAuthentication,
      securityGroups: properties.VPCSecurityGroups,
      templatePort: properties.Port,
      database: properties.DBName,
      isAvailable: true,
      allocatedBytes: properties.AllocatedStorage * GIB,
    });
    const attributes = { DbiResourceId: 'db-LOCAL', DBInstanceArn: arnOf(this.place, 'rds', `db:${identifier}`) };
    return { ref: identifier, attributes: { ...this.endpoint(), ...attributes } };
  });

  private readonly addClusterInstance = resourceHandler(clusterInstanceProperties, (properties, declared) => {
    this.findServer(properties.DBClusterIdentifier).isAvailable = true;
    const identifier = properties.DBInstanceIdentifier ?? nameOf(declared).toLowerCase();
    return { ref: identifier, attributes: this.endpoint() };
  });

  private addCluster(properties: z.output<typeof clusterProperties>, declared: ResourceDeclaration): CreatedResource {
    const identifier = properties.DBClusterIdentifier ?? nameOf(declared).toLowerCase();
    const { MinCapacity: min, MaxCapacity: max } = properties.ServerlessV2ScalingConfiguration;
    this.addServer(identifier, {
      kind: 'server',
      resourceId: 'cluster-LOCAL',
      dimensions: { DBClusterIdentifier: identifier },
      iamAuthentication: properties.EnableIAMDatabaseAuthentication,
      securityGroups: properties.VpcSecurityGroupIds,
      templatePort: properties.Port,
      database: properties.DatabaseName,
      isAvailable: false,
      capacity: { min, max },
    });
    const DBClusterArn = arnOf(this.place, 'rds', `cluster:${identifier}`);
    const attributes = { DBClusterResourceId: 'cluster-LOCAL', DBClusterArn };
    return { ref: identifier, attributes: { ...this.endpoint(), ...attributes } };
  }

  private addProxy(properties: z.output<typeof proxyProperties>): CreatedResource {
    if (this.declaredProxy) throw new Error('the emulator supports one database proxy');
    this.declaredProxy = {
      kind: 'proxy',
      name: properties.DBProxyName,
      resourceId: 'prx-LOCAL',
      role: properties.RoleArn,
      securityGroups: properties.VpcSecurityGroupIds,
      target: undefined,
    };
    const attributes = { DBProxyArn: arnOf(this.place, 'rds', 'db-proxy:prx-LOCAL'), Endpoint: PROXY_HOST };
    return { ref: properties.DBProxyName, attributes };
  }

  private setTarget(properties: z.output<typeof targetGroupProperties>): CreatedResource {
    const { declaredProxy } = this;
    if (declaredProxy?.name !== properties.DBProxyName) {
      throw new Error(`there is no proxy ${properties.DBProxyName}`);
    }
    const [identifier, ...more] = [...properties.DBInstanceIdentifiers, ...properties.DBClusterIdentifiers];
    if (identifier === undefined || more.length > 0) throw new Error('a proxy needs exactly one server');
    declaredProxy.target = this.findServer(identifier);
    return { ref: arnOf(this.place, 'rds', 'target-group:prx-tg-LOCAL') };
  }

  private addServer(identifier: string, server: DatabaseServer): void {
    if (this.byIdentifier.size > 0) throw new Error('the emulator supports one database server');
    this.byIdentifier.set(identifier, server);
  }

  private findServer(identifier: string): DatabaseServer {
    const server = this.byIdentifier.get(identifier);
    if (!server) throw new Error(`there is no database server ${identifier}`);
    return server;
  }

  private endpoint(): Record<string, string> {
    return { 'Endpoint.Address': SERVER_HOST, 'Endpoint.Port': String(this.portOf()) };
  }
}
