import { AwsError } from '../aws-error.ts';
import type { Ec2 } from '../ec2.ts';
import type { Iam } from '../iam/iam.ts';
import type { Lambda } from '../lambda/lambda.ts';
import { arnOf, type Place } from '../place.ts';
import { type DatabaseProxy, type DatabaseServer, PROXY_HOST, SERVER_HOST } from './servers.ts';
import { roleOfToken } from './token.ts';

/** Why a client is not let in: an error to send, or `no answer`, because security groups drop packets silently. */
export type Rejection = { sqlstate: string; message: string } | 'no answer';

/** A client that wants to sign in. */
export interface SignInAttempt {
  user: string;
  /** The password that the client sends, which must be an IAM token. */
  token: string;
  port: number;
  now: number;
}

interface AccessOptions {
  place: Place;
  iam: Iam;
  ec2: Ec2;
  lambda: () => Lambda;
  /** True for members of `rds_iam`, who sign in by token. Others would need a password, and no user has one. */
  signsInByToken: (user: string) => Promise<boolean>;
}

const authorizationError = (message: string): Rejection => ({ sqlstate: '28000', message });

/** Runs a check that throws `AwsError` when access is denied. */
const isAllowed = (check: () => void): boolean => {
  try {
    check();
    return true;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return false;
  }
};

const mayConnect = ({ iam, place }: AccessOptions, role: string, resourceId: string, user: string): boolean => {
  const resource = arnOf(place, 'rds-db', `dbuser:${resourceId}/${user}`);
  return isAllowed(() => iam.authorize({ principal: { role }, action: 'rds-db:connect', resource }));
};

const securityGroupsOf = ({ lambda }: AccessOptions, role: string): string[] =>
  lambda().functionUnder(role)?.latest.configuration.securityGroups ?? [];

const serverAccepts = async (
  options: AccessOptions,
  server: DatabaseServer,
  role: string,
  user: string,
): Promise<boolean> =>
  server.iamAuthentication &&
  (await options.signsInByToken(user)) &&
  mayConnect(options, role, server.resourceId, user);

const canProxyConnect = async (
  options: AccessOptions,
  { role, securityGroups }: DatabaseProxy,
  target: DatabaseServer,
  user: string,
): Promise<boolean> =>
  target.isAvailable &&
  isAllowed(() => options.iam.assume(role, 'rds.amazonaws.com')) &&
  (await serverAccepts(options, target, role, user)) &&
  options.ec2.mayReach(securityGroups, target.securityGroups, target.templatePort);

/** Checks who may sign in at a server or at a proxy. Each check returns the reason for a rejection, or undefined. */
export const createAccessCheck = (options: AccessOptions) => {
  const { iam, ec2 } = options;
  return {
    atServer: async (server: DatabaseServer, attempt: SignInAttempt): Promise<Rejection | undefined> => {
      const { user, token, port, now } = attempt;
      const role = roleOfToken(iam, { user, password: token, host: SERVER_HOST, port, now });
      if (!role || !(await serverAccepts(options, server, role, user))) {
        return authorizationError(`PAM authentication failed for user "${user}"`);
      }
      const groups = securityGroupsOf(options, role);
      return ec2.mayReach(groups, server.securityGroups, server.templatePort) ? undefined : 'no answer';
    },

    /**
     * The client authenticates at the proxy, and the proxy, under its own role, at the server. A proxy that cannot
     * connect to its server says so after two minutes in AWS, when every client has given up; here it says so at once.
     */
    atProxy: async (proxy: DatabaseProxy, attempt: SignInAttempt): Promise<Rejection | undefined> => {
      const { user, token, port, now } = attempt;
      const { target, securityGroups, resourceId } = proxy;
      const role = roleOfToken(iam, { user, password: token, host: PROXY_HOST, port, now });
      if (!role || !mayConnect(options, role, resourceId, user)) {
        return authorizationError(
          `The IAM authentication failed for the role ${user}. Check the IAM token for this role and try again.`,
        );
      }
      if (!target || !(await canProxyConnect(options, proxy, target, user))) {
        return authorizationError('Timed-out waiting to acquire database connection');
      }
      const groups = securityGroupsOf(options, role);
      return ec2.mayReach(groups, securityGroups, target.templatePort) ? undefined : 'no answer';
    },
  };
};
