import type { CallContext } from '../contract/call-context.ts';
import { recordFailure } from '../observe/failure/record-failure.ts';
import type { CatalogueEntry } from './catalogue.ts';
import type { InvokeFailure } from './invoke.ts';

interface InvokedCall {
  tool: CatalogueEntry;
  args: Record<string, unknown>;
  call: CallContext;
}

/** Writes the line of a call whose function ended before it could write the line itself. */
export const recordInvokeFailure = (
  { tool, call, args }: InvokedCall,
  failure: InvokeFailure,
  durationMs: number,
): void => {
  const { name, slowMs, countsProvider, provider, gptName, domain } = tool;
  recordFailure({
    tool: {
      name,
      slowMs,
      countsProvider,
      ...(provider && { provider }),
      ...(gptName && { gptName }),
      ...(domain && { domain }),
    },
    call,
    failure,
    durationMs,
    requestBytes: Buffer.byteLength(JSON.stringify(args)),
  });
};
