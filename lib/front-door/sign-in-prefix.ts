import { createHash } from 'node:crypto';
import { Aws } from 'aws-cdk-lib';

/** What Cognito refuses in the prefix of a domain, wherever it stands. */
const RESERVED = /aws|amazon|cognito/;

/**
 * The first part of the address at which people sign in. It is unique among all accounts of a region: the account's
 * twelve digits end it, and what is before them is the deployment's name. A name with a word that Cognito reserves is
 * written as its hash, behind two hyphens together, which no deployment's name has.
 */
export const signInPrefix = (deploymentName: string, account: string = Aws.ACCOUNT_ID): string => {
  const hash = createHash('sha256').update(deploymentName).digest('hex').slice(0, 24);
  return `${RESERVED.test(deploymentName) ? `x--${hash}` : deploymentName}-${account}`;
};
