import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { type ResourceHandler, resourceHandler } from './cloudformation/resource-handler.ts';
import type { Iam } from './iam/iam.ts';
import { type Principal, policyDocument } from './iam/policy.ts';
import { arnOf, type Place } from './place.ts';

/** A property that is not listed is refused: a disabled, asymmetric or multi-Region key would answer otherwise. */
const keyProperties = z.strictObject({
  Description: z.string().optional(),
  EnableKeyRotation: z.boolean().optional(),
  KeyPolicy: policyDocument,
});

/** Keys, reduced to who may use them: nothing is encrypted. */
export const createKms = ({ place, iam }: { place: Place; iam: Iam }) => {
  const keyArns = new Map<string, string>();
  return {
    /**
     * Throws `AwsError` unless the key's policy allows the principal every action, and a role's own policy as well: a
     * key's policy admits roles by their account, which leaves the rest to IAM. `key` is an id or an ARN.
     */
    authorize: (principal: Principal, actions: string[], key: string, context: Record<string, string>): void => {
      const resource = keyArns.get(key) ?? key;
      for (const action of actions) {
        iam.authorize({ principal, action, resource, byPolicyOnly: true, context });
        if ('role' in principal) iam.authorize({ principal, action, resource, byPrincipalOnly: true, context });
      }
    },

    handlers: {
      'AWS::KMS::Key': resourceHandler(keyProperties, ({ KeyPolicy }) => {
        const id = randomUUID();
        const arn = arnOf(place, 'kms', `key/${id}`);
        keyArns.set(id, arn);
        iam.setResourcePolicy(arn, KeyPolicy.Statement);
        // KMS refuses a key whose policy would let nobody change that policy later.
        const deployer = { person: 'operator' };
        iam.authorize({ principal: deployer, action: 'kms:PutKeyPolicy', resource: arn, byPolicyOnly: true });
        return { ref: id, attributes: { Arn: arn, KeyId: id } };
      }),
    } satisfies Record<string, ResourceHandler>,
  };
};

export type Kms = ReturnType<typeof createKms>;
