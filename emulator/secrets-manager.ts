import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { AwsError } from './aws-error.ts';
import {
  assertNameIsFree,
  makeUpdatable,
  nameOf,
  type ResourceHandler,
  resourceHandler,
} from './cloudformation/resource-handler.ts';
import type { Iam } from './iam/iam.ts';
import type { Principal } from './iam/policy.ts';
import { arnOf, type Place } from './place.ts';

interface Secret {
  name: string;
  arn: string;
  value: string;
}

/** Secrets Manager ends each ARN in a hyphen and six characters of its own. */
const ARN_SUFFIX = /-[A-Za-z0-9]{6}$/;

/** A property that is not listed is refused: a generated value or a replica would have effects here. */
const secretProperties = z.strictObject({
  Name: z.string().optional(),
  Description: z.string().optional(),
  SecretString: z.string().optional(),
  Tags: z.unknown().optional(),
});

/** Secrets with one version of their text, encrypted by nobody. */
export const createSecretsManager = ({ place, iam }: { place: Place; iam: Iam }) => {
  const byName = new Map<string, Secret>();

  /** By its name, or by its ARN with or without the six characters that end it. */
  const find = (id: string): Secret => {
    for (const secret of byName.values())
      if ([secret.name, secret.arn, secret.arn.replace(ARN_SUFFIX, '')].includes(id)) return secret;
    throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
  };

  /** Creates a secret whose ARN ends in six random characters, unless the ARN is given. */
  const create = (name: string, value: string, givenArn?: string): Secret => {
    const arn = givenArn ?? arnOf(place, 'secretsmanager', `secret:${name}-${randomBytes(3).toString('hex')}`);
    const secret = { name, arn, value };
    byName.set(name, secret);
    return secret;
  };

  return {
    /** Throws `AwsError` when there is no such secret, or the principal may not read it. */
    getValue: (principal: Principal, id: string): Secret => {
      const secret = find(id);
      iam.authorize({ principal, action: 'secretsmanager:GetSecretValue', resource: secret.arn });
      return secret;
    },

    /** Throws `AwsError` when there is no such secret, or the principal may not change it. */
    putValue: (principal: Principal, id: string, value: string): Secret => {
      const secret = find(id);
      iam.authorize({ principal, action: 'secretsmanager:PutSecretValue', resource: secret.arn });
      secret.value = value;
      return secret;
    },

    /** Gives a secret its value, and creates one that no template declares. `id` is its name or its ARN. */
    provide: (id: string, value: string): void => {
      const isArn = id.startsWith('arn:');
      const name = isArn ? (id.split(':secret:')[1] ?? id).replace(ARN_SUFFIX, '') : id;
      const secret = byName.get(name);
      if (secret) secret.value = value;
      else create(name, value, isArn ? id : undefined);
    },

    handlers: {
      'AWS::SecretsManager::Secret': makeUpdatable(
        resourceHandler(secretProperties, ({ Name, SecretString = '' }, declared) => {
          const name = Name ?? nameOf(declared);
          const existing = byName.get(name);
          assertNameIsFree(existing?.arn ?? name, declared, existing !== undefined);
          // An update without another text leaves the value that was put meanwhile.
          const { arn } = existing ?? create(name, SecretString);
          return { ref: arn, remove: () => void byName.delete(name) };
        }),
      ),
    } satisfies Record<string, ResourceHandler>,
  };
};

export type SecretsManager = ReturnType<typeof createSecretsManager>;
