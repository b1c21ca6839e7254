import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { allStacks } from '../emulator/cloudformation/template.ts';
import { thresholdsOf } from '../lambdas/contract/thresholds.ts';
import type { Watch } from './run.ts';
import type { Deployment } from './stacks.ts';

const definition = z.looseObject({
  of: z.enum(['tool', 'pipeline', 'function', 'database']),
  what: z.string(),
  /** A number, or the tool's own. */
  Threshold: z.union([z.number(), z.enum(['errorRate', 'p95Ms'])]),
});

/** Alarms that others ship, as they come: what is said of one is said as CloudFormation says it. */
export const pack = z.strictObject({
  name: z.string(),
  /** Where its numbers stand. */
  source: z.string(),
  common: z.record(z.string(), z.json()),
  alarms: z.array(definition),
});
export type Pack = z.output<typeof pack>;

export const readPacks = (): Pack[] =>
  z.array(pack).parse(JSON.parse(readFileSync(new URL('./packs.json', import.meta.url), 'utf8')));

/** Whom an alarm may be about: a name, the dimension that has it, and the tool it is. */
interface Subject {
  of: 'tool' | 'pipeline' | 'database';
  dimension: string;
  name: string;
  tool: { errorRate: number; p95Ms: number } | undefined;
}

const subjectsOf = ({ settings, tools, stacks }: Deployment): Subject[] => {
  const prefix = `${settings.service}-tool-`;
  const toolOf = new Map(
    tools.map((facts) => {
      const { error_rate: errorRate, p95_ms: p95Ms } = thresholdsOf(facts);
      return [`${prefix}${facts.name}`, { errorRate, p95Ms }];
    }),
  );
  const functions = allStacks(stacks).flatMap(({ template }) =>
    Object.values(template.Resources).flatMap(({ Type, Properties: { FunctionName } }) =>
      Type === 'AWS::Lambda::Function' && typeof FunctionName === 'string' ? [FunctionName] : [],
    ),
  );
  return functions.map((name) => {
    const tool = toolOf.get(name);
    return { of: tool ? 'tool' : 'pipeline', dimension: 'FunctionName', name, tool };
  });
};

const isMeant = (of: Pack['alarms'][number]['of'], subject: Subject): boolean =>
  of === subject.of || (of === 'function' && subject.of !== 'database');

/**
 * A pack over all functions of a deployment, and over its database. It sees what Lambda and RDS count and none of our
 * lines. Its alarms are named `<function>/<what>`, or `database/<what>`: a scenario's readings of RDS reach whoever reads them.
 */
export const packWatch = ({ common, alarms }: Pack, failuresAre: Watch['failuresAre']): Watch => ({
  failuresAre,
  lines: false,
  deploy: async (rules, _, deployment) => {
    const subjects: Subject[] = [
      ...subjectsOf(deployment),
      { of: 'database', dimension: 'DBInstanceIdentifier', name: 'database', tool: undefined },
    ];
    for (const subject of subjects) {
      for (const { of, what, Threshold, ...own } of alarms.filter((one) => isMeant(one.of, subject))) {
        await rules['AWS::CloudWatch::Alarm']({
          stack: 'pack',
          logicalId: what,
          properties: {
            ...common,
            ...own,
            AlarmName: `${subject.name}/${what}`,
            Dimensions: [{ Name: subject.dimension, Value: subject.name }],
            Threshold: typeof Threshold === 'number' ? Threshold : subject.tool?.[Threshold],
            AlarmActions: ['people'],
            OKActions: ['people'],
          },
        });
      }
    }
  },
});
