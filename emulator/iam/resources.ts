import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { makeUpdatable, nameOf, type ResourceHandler, resourceHandler } from '../cloudformation/resource-handler.ts';
import type { Place } from '../place.ts';
import { policyDocument, type Statement } from './policy.ts';
import type { Credentials, Role } from './role.ts';

/** A property that is not listed might restrict the role, and is refused. */
const roleProperties = z.strictObject({
  RoleName: z.string().max(64).optional(),
  Path: z.string().default('/'),
  PermissionsBoundary: z.string().optional(),
  Description: z.string().optional(),
  AssumeRolePolicyDocument: policyDocument,
  Policies: z.array(z.strictObject({ PolicyName: z.string().optional(), PolicyDocument: policyDocument })).default([]),
  ManagedPolicyArns: z.array(z.string()).default([]),
  Tags: z.unknown().optional(),
});
const policyProperties = z.strictObject({
  PolicyName: z.string(),
  PolicyDocument: policyDocument,
  Roles: z.array(z.string()).default([]),
});

const createCredentials = (): Credentials => ({
  accessKeyId: `ASIA${randomBytes(8).toString('hex').toUpperCase()}`,
  secretAccessKey: randomBytes(20).toString('hex'),
  sessionToken: randomBytes(16).toString('hex'),
});

/** The role of this name, which is the last part of its ARN. */
const findRoleByName = (roles: ReadonlyMap<string, Role>, name: string): Role => {
  const role = [...roles.values()].find(({ arn }) => arn.endsWith(`/${name}`));
  if (!role) throw new Error(`There is no role ${name}`);
  return role;
};

/** Handlers for roles and for the policies attached to them. */
export const createIamHandlers = (
  { partition, account }: Place,
  roles: Map<string, Role>,
  statementsOfPolicy: (arn: string) => Statement[],
) => {
  return {
    'AWS::IAM::Role': makeUpdatable(
      resourceHandler(roleProperties, (properties, declared) => {
        const name = properties.RoleName ?? nameOf(declared);
        const arn = `arn:${partition}:iam::${account}:role${properties.Path}${name}`;
        const inline = [
          ...properties.ManagedPolicyArns.flatMap(statementsOfPolicy),
          ...properties.Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement),
        ];
        const { PermissionsBoundary } = properties;
        const boundary = PermissionsBoundary === undefined ? undefined : statementsOfPolicy(PermissionsBoundary);
        const trust = properties.AssumeRolePolicyDocument.Statement;
        // An update keeps the credentials: functions that run under the role go on while its permissions change.
        const { attached = new Map(), credentials = createCredentials() } = roles.get(arn) ?? {};
        roles.set(arn, { arn, trust, inline, attached, boundary, credentials });
        return { ref: name, attributes: { Arn: arn, RoleId: name }, remove: () => void roles.delete(arn) };
      }),
    ),
    'AWS::IAM::Policy': makeUpdatable(
      resourceHandler(policyProperties, ({ Roles, PolicyName, PolicyDocument }) => {
        const detach = () => {
          for (const { attached } of roles.values()) attached.delete(PolicyName);
        };
        detach();
        for (const name of Roles) findRoleByName(roles, name).attached.set(PolicyName, PolicyDocument.Statement);
        return { ref: PolicyName, remove: detach };
      }),
    ),
  } satisfies Record<string, ResourceHandler>;
};
