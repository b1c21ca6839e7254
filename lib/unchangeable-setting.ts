import * as cdk from 'aws-cdk-lib';
import { acknowledge } from './nag.ts';

interface UnchangeableSetting {
  /** The parameter's logical id. */
  readonly parameter: string;
  readonly setting: string;
  /** What this deployment would have. */
  readonly value: string;
  /** What would go wrong, in words. */
  readonly because: string;
}

/**
 * Makes CloudFormation refuse a later deployment with another value, before it changes anything. A parameter that
 * nobody passes keeps the value of the first deployment, and the template allows only its own.
 */
export function refuseLaterChange(stack: cdk.Stack, { parameter, setting, value, because }: UnchangeableSetting): void {
  new cdk.CfnParameter(stack, parameter, {
    default: value,
    allowedValues: [value],
    description: `The setting ${setting} when this stack was first deployed.`,
    // CloudFormation writes "Parameter <name> " in front of it.
    constraintDescription:
      `must stay what it was at the first deployment: ${because}. This deployment says ${value}; write the setting ` +
      `${setting} as it was, or see "Changes that need a step of their own" in docs/deploying.md`,
  });
  acknowledge(stack, 'CloudFormation-Validate::W2001', 'CloudFormation compares this parameter; nothing reads it.');
}
