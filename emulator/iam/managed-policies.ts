import type { Statement } from './policy.ts';

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

/** The statements of a managed policy. Throws for one that the emulator does not know. */
export const statementsOfManagedPolicy = (arn: string): Statement[] => {
  const statements = MANAGED_POLICIES[arn.slice(arn.indexOf(':policy/') + ':policy/'.length)];
  if (!statements) throw new Error(`The emulator does not know what the managed policy ${arn} allows`);
  return structuredClone(statements);
};
