import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { makeUpdatable, nameOf, type ResourceHandler, resourceHandler } from '../cloudformation/resource-handler.ts';
import type { Place } from '../place.ts';
import { statementsOfManagedPolicy } from './managed-policies.ts';
import { policyDocument } from './policy.ts';
import { type Credentials, findRole, type Role } from './role.ts';

/** Properties that would restrict a role, such as a permissions boundary, are refused, never ignored. */
const roleProperties = z.strictObject({
  RoleName: z.string().optional(),
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

/** Handlers for roles and for the policies attached to them. */
export const createIamHandlers = ({ partition, account }: Place, roles: Map<string, Role>) => {
  const arnOfRole = (name: string) => `arn:${partition}:iam::${account}:role/${name}`;
  return {
    'AWS::IAM::Role': makeUpdatable(
      resourceHandler(roleProperties, (properties, declared) => {
        const name = properties.RoleName ?? nameOf(declared);
        const arn = arnOfRole(name);
        const inline = [
          ...properties.ManagedPolicyArns.flatMap(statementsOfManagedPolicy),
          ...properties.Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement),
        ];
        const trust = properties.AssumeRolePolicyDocument.Statement;
        // An update keeps the credentials: functions that run under the role go on while its permissions change.
        const { attached = new Map(), credentials = createCredentials() } = roles.get(arn) ?? {};
        roles.set(arn, { arn, trust, inline, attached, credentials });
        return { ref: name, attributes: { Arn: arn, RoleId: name }, remove: () => void roles.delete(arn) };
      }),
    ),
    'AWS::IAM::Policy': makeUpdatable(
      resourceHandler(policyProperties, ({ Roles, PolicyName, PolicyDocument }) => {
        const detach = () => {
          for (const { attached } of roles.values()) attached.delete(PolicyName);
        };
        detach();
        for (const name of Roles) findRole(roles, arnOfRole(name)).attached.set(PolicyName, PolicyDocument.Statement);
        return { ref: PolicyName, remove: detach };
      }),
    ),
  } satisfies Record<string, ResourceHandler>;
};
