import type * as z from 'zod';
import { lastDrill } from '../contract/drill.ts';
import { mutesReport } from '../contract/mutes.ts';
import { selfCheckReport } from '../contract/self-check.ts';
import { weekReport } from '../contract/week-report.ts';
import type { Week } from './describe-week.ts';

/** Asks a function of the deployment as the operator. Rejects when it does not answer. */
export type AskAsOperator = <Answer extends z.ZodType>(question: {
  path: `/v1/${string}`;
  query: Readonly<Record<string, string>>;
  answer: Answer;
}) => Promise<z.output<Answer>>;

/**
 * Everything that a report says of the seven days before the day of `until`, by default before today. Rejects when one
 * part of it cannot be read: half a report would look like a quiet week.
 */
export const readWeek = async (
  { api, operate }: Readonly<Record<'api' | 'operate', AskAsOperator>>,
  until?: string,
): Promise<Week> => {
  const week = await api({
    path: '/v1/reports/week',
    query: until === undefined ? {} : { until },
    answer: weekReport,
  });
  // One after another, because operate answers no more than two requests at once.
  const drill = await operate({ path: '/v1/drill', query: {}, answer: lastDrill });
  const { mutes } = await operate({ path: '/v1/mutes', query: {}, answer: mutesReport });
  const selfCheck = await operate({ path: '/v1/self-check', query: {}, answer: selfCheckReport });
  return { week, drill, mutes, selfCheck };
};
