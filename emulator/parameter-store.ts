import { AwsError } from './aws-error.ts';
import type { Iam } from './iam/iam.ts';
import type { Principal } from './iam/policy.ts';
import { arnOf, type Place } from './place.ts';

/** Parameters that exist before a template is deployed; templates cannot create those of the type SecureString. */
export const createParameterStore = ({ place, iam }: { place: Place; iam: Iam }) => {
  const values = new Map<string, string>();
  return {
    /** Throws `AwsError` when there is no such parameter, or the principal may not read it. */
    get: (principal: Principal, name: string): { name: string; arn: string; value: string } => {
      const arn = arnOf(place, 'ssm', `parameter${name.startsWith('/') ? '' : '/'}${name}`);
      iam.authorize({ principal, action: 'ssm:GetParameter', resource: arn });
      const value = values.get(name);
      if (value === undefined) throw new AwsError('ParameterNotFound', `There is no parameter ${name}`);
      return { name, arn, value };
    },

    /** Gives a parameter its value. */
    provide: (name: string, value: string): void => {
      values.set(name, value);
    },
  };
};

export type ParameterStore = ReturnType<typeof createParameterStore>;
