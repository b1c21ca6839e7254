import { readFileSync } from 'node:fs';
import type { IPolicyValidationContext, IPolicyValidationPlugin, PolicyViolation } from 'aws-cdk-lib';
import type { Template } from './alarm-audit.ts';

/** Log levels of a function at which Lambda lets a line through that says of itself that it is INFO. */
const LEVELS_WITH_INFO = ['TRACE', 'DEBUG', 'INFO'];

/**
 * What is wrong with how a template's functions log: at a higher level than INFO, Lambda silently drops the lines of
 * calls, and with them every metric and every row. Empty when all is well.
 */
const findLogProblems = ({ Resources = {} }: Template): { logicalId: string; problem: string }[] =>
  Object.entries(Resources).flatMap(([logicalId, { Type, Properties }]) => {
    if (Type !== 'AWS::Lambda::Function') return [];
    const { LogFormat, ApplicationLogLevel: level = 'INFO' } = (Properties?.LoggingConfig ?? {}) as Record<
      string,
      string
    >;
    if (LogFormat !== 'JSON' || LEVELS_WITH_INFO.includes(level)) return [];
    const problem = `The function ${logicalId} logs at ${level}, which drops the lines of calls`;
    return [{ logicalId, problem: `${problem}; write applicationLogLevel INFO.` }];
  });

/** Fails synthesis when a function would drop the lines of its calls. */
export class LogAudit implements IPolicyValidationPlugin {
  readonly name = 'Toolwatch lines';

  validate({ templatePaths }: IPolicyValidationContext) {
    const violations: PolicyViolation[] = templatePaths.flatMap((templatePath) =>
      findLogProblems(JSON.parse(readFileSync(templatePath, 'utf8'))).map(({ logicalId, problem }) => ({
        ruleName: 'lines-get-through',
        description: problem,
        severity: 'error',
        violatingResources: [{ resourceLogicalId: logicalId, templatePath, locations: ['Properties/LoggingConfig'] }],
      })),
    );
    return { success: violations.length === 0, violations };
  }
}
