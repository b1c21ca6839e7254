import { policyDocument, type Statement } from './policy.ts';

/** AWS's managed policies that the emulator knows, by name. */
const MANAGED_POLICIES: Record<string, Statement[]> = {
  'service-role/AWSLambdaBasicExecutionRole': [
    {
      Effect: 'Allow',
      Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
      Resource: ['*'],
      Condition: {},
    },
  ],
};

/** Policy documents of the account itself, by ARN. */
export type AccountPolicies = Readonly<Record<string, unknown>>;

/**
 * Finds the statements of a managed policy, of AWS or of the account. It throws for one that the emulator does not know.
 */
export const createPolicyLookup =
  (ofAccount: AccountPolicies) =>
  (arn: string): Statement[] => {
    const own = ofAccount[arn];
    if (own !== undefined) return policyDocument.parse(own).Statement;
    const statements = MANAGED_POLICIES[arn.slice(arn.indexOf(':policy/') + ':policy/'.length)];
    if (!statements) throw new Error(`The emulator does not know what the managed policy ${arn} allows`);
    return structuredClone(statements);
  };
