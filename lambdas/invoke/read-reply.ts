import * as z from 'zod';
import { type ToolFailure, toolFailure } from '../contract/tool-reply.ts';
import { type InvokeFailure, type InvokeOutcome, notAnAnswer } from './invoke.ts';

/** What became of a call: the tool's output, its own failure, or a function that gave neither. */
export type ToolReply =
  | { output: Record<string, unknown> }
  | { failure: ToolFailure }
  | { invokeFailure: InvokeFailure };

const anObject = z.record(z.string(), z.unknown());

/** What the end of a tool's function means. A tool's wrapper replies with one of two; a function without may reply anything. */
export const readReply = (outcome: InvokeOutcome): ToolReply => {
  if ('invokeFailure' in outcome) return outcome;
  const failure = toolFailure.safeParse(outcome.reply);
  if (failure.success) return { failure: failure.data };
  const output = anObject.safeParse(outcome.reply);
  return output.success && output.data.isError !== true ? { output: output.data } : { invokeFailure: notAnAnswer() };
};
