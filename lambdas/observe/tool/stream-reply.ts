import type { LambdaContext } from '../call/incoming.ts';

/** The part of Lambda's response stream that is used here: a writable stream of Node's. */
interface ResponseStream {
  write(text: string): unknown;
  end(text: string, onEnd: () => void): unknown;
}

/** What Lambda's runtime for Node gives the code that it loads; absent everywhere else. */
interface Runtime {
  streamifyResponse?(
    handler: (event: unknown, stream: unknown, context?: LambdaContext) => Promise<unknown>,
  ): (event: unknown, context?: LambdaContext) => Promise<never>;
}

/** Answers an event, and writes how far it has come. */
type Answer<Reply> = (event: unknown, lambda?: LambdaContext, write?: (line: string) => void) => Promise<Reply>;

function isStream(value: unknown): value is ResponseStream {
  return typeof value === 'object' && value !== null && 'write' in value && typeof value.write === 'function';
}

/**
 * A handler whose function streams its answer, so that progress comes before the reply. Whoever invokes it and waits
 * receives what it would answer without; outside of Lambda, and called by other code, it is as it was.
 */
export function streamReply<Reply>(answer: Answer<Reply>): (event: unknown, lambda?: LambdaContext) => Promise<Reply> {
  const { awslambda } = globalThis as unknown as { awslambda?: Runtime };
  if (!awslambda?.streamifyResponse) return (event, lambda) => answer(event, lambda);
  return awslambda.streamifyResponse(async (event, stream, context) => {
    if (!isStream(stream)) return answer(event, stream as LambdaContext | undefined);
    const reply = await answer(event, context, (line) => stream.write(line));
    return new Promise<void>((resolve) => stream.end(JSON.stringify(reply), resolve));
  });
}
