import * as cdk from 'aws-cdk-lib';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import type { Construct } from 'constructs';

/** Where AWS's console is, by partition: each has its own, and an address of another one's leads to a sign-in. */
export const CONSOLE_DOMAINS: Readonly<Record<string, string>> = {
  aws: 'console.aws.amazon.com',
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
  'aws-eusc': 'console.amazonaws-eusc.eu',
  'aws-iso': 'console.c2shome.ic.gov',
  'aws-iso-b': 'console.sc2shome.sgov.gov',
  'aws-iso-e': 'console.csphome.adc-e.uk',
  'aws-iso-f': 'console.csphome.hci.ic.gov',
};

const MAPPING = 'ToolwatchConsole';
const widest = (texts: readonly string[]): string => texts.reduce((a, b) => (b.length > a.length ? b : a));
const WIDEST_REGION = widest(RegionInfo.regions.map(({ name }) => name));
const WIDEST_DOMAIN = widest(Object.values(CONSOLE_DOMAINS));

/** The address of a page of a service in the console of the region and partition that the stack is deployed to. */
export const consoleUrl = (scope: Construct, service: 'cloudwatch' | 'cloudformation', page: string): string => {
  const { region } = cdk.Stack.of(scope);
  return `https://${region}.${domainFor(scope)}/${service}/home?region=${region}#${page}`;
};

/** How long a text with such addresses is in the region where they are longest, in characters. */
export const maxLengthOf = (scope: Construct, text: string): number =>
  text
    .replaceAll(cdk.Stack.of(scope).region, WIDEST_REGION)
    .replaceAll(domainFor(scope), WIDEST_DOMAIN)
    .replaceAll(UNKNOWN_NAME, 'n'.repeat(NAME_LENGTH)).length;

/** A name that CloudFormation makes at deployment, as the CDK writes it before, and how long it becomes. */
const UNKNOWN_NAME = /\$\{Token\[[^\]]*\]\}/g;
const NAME_LENGTH = 100;

/** The partition of the region; undefined when that is known only at deployment, or the CDK does not know it. */
const partitionOf = ({ region }: cdk.Stack): string | undefined =>
  cdk.Token.isUnresolved(region) ? undefined : RegionInfo.get(region).partition;

function domainFor(scope: Construct): string {
  const stack = cdk.Stack.of(scope);
  const partition = partitionOf(stack);
  if (partition === undefined) return ConsoleDomains.of(stack).ofDeployment;
  const domain = CONSOLE_DOMAINS[partition];
  if (domain === undefined) throw new Error(`The console's domain in ${partition} is unknown.`);
  return domain;
}

/** A stack's table of the domains, for when the partition is known only at deployment. */
class ConsoleDomains extends cdk.CfnMapping {
  static of(stack: cdk.Stack): ConsoleDomains {
    const existing = stack.node.tryFindChild(MAPPING);
    return existing instanceof ConsoleDomains ? existing : new ConsoleDomains(stack);
  }

  readonly ofDeployment: string;

  private constructor(stack: cdk.Stack) {
    const entries = Object.entries(CONSOLE_DOMAINS).map(([partition, domain]) => [partition, { Domain: domain }]);
    super(stack, MAPPING, { mapping: Object.fromEntries(entries) });
    this.ofDeployment = this.findInMap(cdk.Aws.PARTITION, 'Domain');
  }
}
