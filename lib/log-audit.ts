import { readFileSync } from 'node:fs';
import type { IPolicyValidationContext, IPolicyValidationPlugin, PolicyViolation } from 'aws-cdk-lib';
import type { Template } from './alarm-audit.ts';

/** Levels at which Lambda lets a line through that says of itself it is INFO. */
const OPEN_LEVELS = ['TRACE', 'DEBUG', 'INFO'];

/**
 * What is wrong with how a template's functions log: at a higher level than INFO Lambda drops the lines of calls, and with
 * them every metric and every row, without a word. Empty when all is well.
 */
export const findLogProblems = ({ Resources = {} }: Template): { logicalId: string; fault: string }[] =>
  Object.entries(Resources).flatMap(([logicalId, { Type, Properties }]) => {
    if (Type !== 'AWS::Lambda::Function') return [];
    const { LogFormat, ApplicationLogLevel: level = 'INFO' } = (Properties?.LoggingConfig ?? {}) as Record<
      string,
      string
    >;
    if (LogFormat !== 'JSON' || OPEN_LEVELS.includes(level)) return [];
    const fault = `The function ${logicalId} logs at ${level}, which drops the lines of calls; write applicationLogLevel INFO.`;
    return [{ logicalId, fault }];
  });

/** Refuses to synthesize functions whose calls nobody would ever see. */
export class LogAudit implements IPolicyValidationPlugin {
  readonly name = 'Toolwatch lines';

  validate({ templatePaths }: IPolicyValidationContext) {
    const violations: PolicyViolation[] = templatePaths.flatMap((templatePath) =>
      findLogProblems(JSON.parse(readFileSync(templatePath, 'utf8'))).map(({ logicalId, fault }) => ({
        ruleName: 'lines-get-through',
        description: fault,
        severity: 'error',
        violatingResources: [{ resourceLogicalId: logicalId, templatePath, locations: ['Properties/LoggingConfig'] }],
      })),
    );
    return { success: violations.length === 0, violations };
  }
}
