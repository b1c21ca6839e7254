import { Stack, Validations } from 'aws-cdk-lib';
import { flattenCfnReference } from 'cdk-nag/lib/utils/flatten-cfn-reference.js';
import type { IConstruct } from 'constructs';

/**
 * Accepts one finding of cdk-nag below a construct, with the reason why it is right here. An app of others may have a CDK
 * in which findings cannot be accepted like this.
 */
export const acknowledge = (scope: IConstruct, id: string, reason: string): void => {
  const validations: typeof Validations | undefined = Validations;
  validations?.of(scope).acknowledge({ id, reason });
};

/** Accepts that a role may act on every resource that matches a pattern; cdk-nag wants each pattern named. */
export const acknowledgeWildcard = (scope: IConstruct, resource: string, reason: string): void =>
  acknowledge(scope, `AwsSolutions-IAM5[Resource::${flattenCfnReference(Stack.of(scope).resolve(resource))}]`, reason);
