import * as cdk from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { Permission, ToolFacts } from '../../lambdas/contract/tool-facts.ts';
import { acknowledge, acknowledgeWildcard } from '../nag.ts';

type PermittedFacts = Pick<ToolFacts, 'name' | 'allow'>;

const ACTION = /^[a-z0-9-]+:[A-Za-z0-9*?]+$/;
/** What stands for the place of the deployment in an ARN. */
const PLACEHOLDER = /\$\{([^}]*)\}/g;
const KNOWN_PLACEHOLDERS = ['AWS::Partition', 'AWS::Region', 'AWS::AccountId'];

const isWide = (pattern: string): boolean => /[*?]/.test(pattern);
const findUnknownPlaceholder = (resource: string): string | undefined =>
  [...resource.matchAll(PLACEHOLDER)].map(([, name = '']) => name).find((name) => !KNOWN_PLACEHOLDERS.includes(name));

const describeProblems = ({ actions, resources, reason }: Permission): string[] => {
  const problems: string[] = [];
  if (actions.length === 0 || resources.length === 0) problems.push('allows nothing; write actions and resources');
  const invalid = actions.find((action) => !ACTION.test(action));
  if (invalid !== undefined) problems.push(`has the action ${invalid}; write service:Action, such as s3:GetObject`);
  const unknown = resources.map(findUnknownPlaceholder).find((name) => name !== undefined);
  if (unknown !== undefined)
    problems.push(`has the placeholder ${unknown}; write one of ${KNOWN_PLACEHOLDERS.join(', ')}`);
  const noArn = resources.find((resource) => resource !== '*' && !resource.startsWith('arn:'));
  if (noArn !== undefined) problems.push(`has the resource ${noArn}; write an ARN`);
  const wide = [...actions, ...resources].find(isWide);
  if (wide !== undefined && !reason?.trim()) {
    problems.push(`has a wildcard (${wide}) without a reason; name what the tool needs, or write why under reason`);
  }
  return problems;
};

/** Permissions of tools that are invalid or too wide, each in a sentence that says what to write. */
export const findPermissionProblems = (tools: readonly PermittedFacts[]): string[] =>
  tools.flatMap(({ name, allow = [] }) =>
    allow.flatMap((permission, index) =>
      describeProblems(permission).map((problem) => `The tool ${name}: allow ${index + 1} ${problem}.`),
    ),
  );

const resolvePlace = (resource: string): string => (resource.includes('${') ? cdk.Fn.sub(resource) : resource);

/** What a tool's function may do because its facts say so. The reasons for wildcards become part of the audit. */
export const allowWhatFactsState = (scope: Construct, { allow = [] }: PermittedFacts): iam.PolicyStatement[] =>
  allow.map(({ actions, resources, reason = '' }, index) => {
    for (const action of actions.filter(isWide)) acknowledge(scope, `AwsSolutions-IAM5[Action::${action}]`, reason);
    const places = resources.map(resolvePlace);
    for (const [at, resource] of places.entries()) {
      if (isWide(resources[at] ?? '')) acknowledgeWildcard(scope, resource, reason);
    }
    return new iam.PolicyStatement({ sid: `Own${index + 1}`, actions: [...actions], resources: places });
  });
