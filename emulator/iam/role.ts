import type { Statement } from './policy.ts';

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
}

export interface Role {
  arn: string;
  trust: readonly Statement[];
  /** Statements of its inline and its managed policies. */
  inline: readonly Statement[];
  /** Statements of `AWS::IAM::Policy` resources, by policy name. */
  attached: Map<string, readonly Statement[]>;
  /** Statements of its permissions boundary, which must allow what its policies allow. */
  boundary: readonly Statement[] | undefined;
  credentials: Credentials;
}

/** The role with this ARN. Throws when there is none. */
export const findRole = (roles: ReadonlyMap<string, Role>, arn: string): Role => {
  const role = roles.get(arn);
  if (!role) throw new Error(`There is no role ${arn}`);
  return role;
};

/** Every statement of a role's permission policies. */
export const permissionsOf = ({ inline, attached }: Role): Statement[] => [...inline, ...[...attached.values()].flat()];
