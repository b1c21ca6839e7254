import type { CallContext } from '../../contract/call-context.ts';
import { REFUSED_CLAIMS } from '../../contract/client-context.ts';

/** Metadata that also says which labels of the call come from a token that nothing verified. */
export function addUnverifiedLabels(
  call: CallContext,
  metadata: Record<string, unknown> | undefined,
): Record<string, unknown> | undefined {
  const unverified = call.unverified?.filter((label) => call[label] !== undefined);
  return unverified && unverified.length > 0 ? { ...metadata, unverified } : metadata;
}

/** Measures that also count what the request claimed and was refused. They come first, because the others are more. */
export function addRefusedClaims(
  { refused }: CallContext,
  measures: Record<string, number> | undefined,
): Record<string, number> | undefined {
  return refused && refused.length > 0
    ? { ...Object.fromEntries(refused.map((claim) => [REFUSED_CLAIMS[claim], 1])), ...measures }
    : measures;
}
