import * as cdk from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { Settings } from '../settings.ts';
import { applyRoleRules, type RoleRules } from './role-rules.ts';

export type OrganizationRules = RoleRules & Pick<Settings, 'tags' | 'keys'>;

/** Types whose resources the CDK declares for itself in the template's words, without its support for tags. */
const DECLARED_BY_CDK = ['AWS::IAM::Role', 'AWS::Lambda::Function'];

/** Applies an organization's rules to every resource below a construct, those that the CDK adds included. */
export function applyOrganizationRules(scope: IConstruct, rules: OrganizationRules): void {
  const tags = Object.entries(rules.tags);
  for (const [name, value] of tags) cdk.Tags.of(scope).add(name, value);
  cdk.Aspects.of(scope).add({
    visit(node) {
      if (!cdk.CfnResource.isCfnResource(node)) return;
      const { cfnResourceType } = node;
      if (cfnResourceType === 'AWS::IAM::Role') applyRoleRules(node, rules);
      if (cfnResourceType === 'AWS::Logs::LogGroup' && rules.keys.logs !== undefined) {
        node.addPropertyOverride('KmsKeyId', rules.keys.logs);
      }
      if (tags.length > 0 && DECLARED_BY_CDK.includes(cfnResourceType) && !cdk.TagManager.isTaggable(node)) {
        node.addPropertyOverride(
          'Tags',
          tags.map(([Key, Value]) => ({ Key, Value })),
        );
      }
    },
  });
}
