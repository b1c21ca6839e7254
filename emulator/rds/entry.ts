import { AwsError } from '../aws-error.ts';
import type { Ec2 } from '../ec2.ts';
import type { Iam } from '../iam/iam.ts';
import type { Lambda } from '../lambda/lambda.ts';
import { arnOf, type Place } from '../place.ts';
import { type DatabaseProxy, type DatabaseServer, PROXY_HOST, SERVER_HOST } from './servers.ts';
import { roleOfToken } from './token.ts';

/** Why a client may not come in: with the words it is told, or without, since a packet no security group lets through has no answer. */
export type Objection = { sqlstate: string; words: string } | 'no answer';

export interface Entry {
  user: string;
  /** What the client gives for a password: an IAM token. */
  token: string;
  port: number;
  now: number;
}

interface EntryOptions {
  place: Place;
  iam: Iam;
  ec2: Ec2;
  lambda: () => Lambda;
  /** True for users who were granted `rds_iam`: only they sign in by token; others would be asked for a password nobody has. */
  signsInByToken: (user: string) => Promise<boolean>;
}

const noEntry = (words: string): Objection => ({ sqlstate: '28000', words });

/** Who may come in at a server or at a proxy. Each question answers with the objection there is, or with nothing. */
export const createEntry = ({ place, iam, ec2, lambda, signsInByToken }: EntryOptions) => {
  const mayConnect = (role: string, resourceId: string, user: string): boolean => {
    try {
      const resource = arnOf(place, 'rds-db', `dbuser:${resourceId}/${user}`);
      iam.authorize({ principal: { role }, action: 'rds-db:connect', resource });
      return true;
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return false;
    }
  };

  const groupsOf = (role: string): string[] => lambda().functionUnder(role)?.latest.configuration.securityGroups ?? [];

  const serverTakes = async (server: DatabaseServer, role: string, user: string): Promise<boolean> =>
    server.iamAuthentication && (await signsInByToken(user)) && mayConnect(role, server.resourceId, user);

  const trusts = ({ role }: DatabaseProxy): boolean => {
    try {
      iam.assume(role, 'rds.amazonaws.com');
      return true;
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return false;
    }
  };

  return {
    atServer: async (server: DatabaseServer, { user, token, port, now }: Entry): Promise<Objection | undefined> => {
      const role = roleOfToken(iam, { user, password: token, host: SERVER_HOST, port, now });
      if (!role || !(await serverTakes(server, role, user)))
        return noEntry(`PAM authentication failed for user "${user}"`);
      return ec2.mayReach(groupsOf(role), server.securityGroups, server.templatePort) ? undefined : 'no answer';
    },

    /**
     * The client proves itself to the proxy, and the proxy, under its own role, to the server. In AWS a proxy that finds no
     * way to its server says so after two minutes, when everybody has gone; here at once.
     */
    atProxy: async (proxy: DatabaseProxy, { user, token, port, now }: Entry): Promise<Objection | undefined> => {
      const { target, securityGroups, resourceId } = proxy;
      const role = roleOfToken(iam, { user, password: token, host: PROXY_HOST, port, now });
      if (!role || !mayConnect(role, resourceId, user)) {
        return noEntry(
          `The IAM authentication failed for the role ${user}. Check the IAM token for this role and try again.`,
        );
      }
      const isReached =
        target?.answers &&
        trusts(proxy) &&
        (await serverTakes(target, proxy.role, user)) &&
        ec2.mayReach(securityGroups, target.securityGroups, target.templatePort);
      if (!isReached) return noEntry('Timed-out waiting to acquire database connection');
      return ec2.mayReach(groupsOf(role), securityGroups, target.templatePort) ? undefined : 'no answer';
    },
  };
};
