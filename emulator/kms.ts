import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { type ResourceHandler, resourceHandler } from './cloudformation/resource-handler.ts';
import type { Iam } from './iam/iam.ts';
import { type Principal, policyDocument } from './iam/policy.ts';
import { arnOf, type Place } from './place.ts';

/** A key that is off, of another kind, or of other regions too would answer otherwise: it is refused. */
const keyProperties = z.strictObject({
  Description: z.string().optional(),
  EnableKeyRotation: z.boolean().optional(),
  KeyPolicy: policyDocument,
});

/** Keys, as far as who may use them: nothing here is really encrypted. */
export const createKms = ({ place, iam }: { place: Place; iam: Iam }) => {
  const keys = new Map<string, string>();
  return {
    /** Throws `AwsError` unless the key's policy lets the principal do all of it. The key is named by its id or ARN. */
    authorize: (principal: Principal, actions: string[], key: string, context: Record<string, string>): void => {
      const resource = keys.get(key) ?? key;
      for (const action of actions) iam.authorize({ principal, action, resource, byPolicyOnly: true, context });
    },

    handlers: {
      'AWS::KMS::Key': resourceHandler(keyProperties, ({ KeyPolicy }) => {
        const id = randomUUID();
        const arn = arnOf(place, 'kms', `key/${id}`);
        keys.set(id, arn);
        iam.setResourcePolicy(arn, KeyPolicy.Statement);
        // A key that nobody could ever give another policy is not made.
        const deployer = { person: 'operator' };
        iam.authorize({ principal: deployer, action: 'kms:PutKeyPolicy', resource: arn, byPolicyOnly: true });
        return { ref: id, attributes: { Arn: arn, KeyId: id } };
      }),
    } satisfies Record<string, ResourceHandler>,
  };
};

export type Kms = ReturnType<typeof createKms>;
