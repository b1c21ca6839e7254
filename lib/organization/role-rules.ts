import { createHash } from 'node:crypto';
import * as cdk from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { deploymentNameOf, type NamingSettings } from '../deployment-name.ts';
import type { Settings } from '../settings.ts';

export type RoleRules = NamingSettings & Pick<Settings, 'roles'>;

/** IAM's limit. */
const MAX_ROLE_NAME = 64;
/** `ap-southeast-99`, with the hyphen before it. */
const REGION_LENGTH = 16;
const HASH_LENGTH = 8;

/** The ARN of the boundary; a name is that of a policy of the deployment's account. */
const boundaryArn = (scope: IConstruct, policy: string): string =>
  policy.startsWith('arn:')
    ? policy
    : cdk.Stack.of(scope).formatArn({ service: 'iam', region: '', resource: 'policy', resourceName: policy });

/**
 * A name that no other role has: an account has one list of them for all regions, and a role whose path changes is
 * created before the old one is deleted.
 */
function nameRole(role: cdk.CfnResource, { roles, ...naming }: RoleRules, prefix: string): string {
  const unique = [deploymentNameOf(naming), role.node.path, roles.path ?? '/'].join('\n');
  const hash = createHash('sha256').update(unique).digest('hex').slice(0, HASH_LENGTH);
  const room = MAX_ROLE_NAME - prefix.length - REGION_LENGTH - HASH_LENGTH - 1;
  const readable = role.node.path
    .replaceAll(/(\/Resource)?$/g, '')
    .replaceAll(/[^A-Za-z0-9]/g, '')
    .slice(-room);
  return `${prefix}${readable}-${hash}-${cdk.Stack.of(role).region}`;
}

/** Gives a role what the settings demand. By the template's words, because the CDK declares its own roles in those. */
export function applyRoleRules(role: cdk.CfnResource, rules: RoleRules): void {
  const { permissionsBoundary, namePrefix, path } = rules.roles;
  if (permissionsBoundary !== undefined) {
    role.addPropertyOverride('PermissionsBoundary', boundaryArn(role, permissionsBoundary));
  }
  if (namePrefix !== undefined) role.addPropertyOverride('RoleName', nameRole(role, rules, namePrefix));
  if (path !== undefined) role.addPropertyOverride('Path', path);
}
