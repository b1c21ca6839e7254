import * as cdk from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { Settings } from '../settings.ts';
import { applyRoleRules, type RoleRules } from './role-rules.ts';

export type OrganizationRules = RoleRules & Pick<Settings, 'tags' | 'keys'>;

/** Types whose resources the CDK declares for itself in the template's words, without its support for tags. */
const DECLARED_BY_CDK = ['AWS::IAM::Role', 'AWS::Lambda::Function'];

/** Encrypts a resource with the key that exists for its kind. */
function applyKeys(resource: cdk.CfnResource, { keys }: OrganizationRules): void {
  const { cfnResourceType: type } = resource;
  if (type === 'AWS::Logs::LogGroup' && keys.logs !== undefined) resource.addPropertyOverride('KmsKeyId', keys.logs);
  if (type === 'AWS::SecretsManager::Secret' && keys.secrets !== undefined) {
    resource.addPropertyOverride('KmsKeyId', keys.secrets);
  }
  if (type === 'AWS::SQS::Queue' && keys.queues !== undefined) {
    resource.addPropertyDeletionOverride('SqsManagedSseEnabled');
    resource.addPropertyOverride('KmsMasterKeyId', keys.queues);
  }
}

/** Applies an organization's rules to every resource below a construct, those that the CDK adds included. */
export function applyOrganizationRules(scope: IConstruct, rules: OrganizationRules): void {
  const tags = Object.entries(rules.tags);
  for (const [name, value] of tags) cdk.Tags.of(scope).add(name, value);
  cdk.Aspects.of(scope).add({
    visit(node) {
      if (!cdk.CfnResource.isCfnResource(node)) return;
      const { cfnResourceType } = node;
      if (cfnResourceType === 'AWS::IAM::Role') applyRoleRules(node, rules);
      applyKeys(node, rules);
      if (tags.length > 0 && DECLARED_BY_CDK.includes(cfnResourceType) && !cdk.TagManager.isTaggable(node)) {
        node.addPropertyOverride(
          'Tags',
          tags.map(([Key, Value]) => ({ Key, Value })),
        );
      }
    },
  });
}
