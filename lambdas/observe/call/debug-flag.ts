import { DAY_MS, SECOND_MS } from '../../contract/durations.ts';
import { readDeployment } from './deployment.ts';
import type { Scope } from './scope.ts';
import { isSignatureOf, type Signer, sign } from './signature.ts';

const VERSION = 'v1';
const FLAG = /^v1\.(\d{10})\.([\da-f]{64})$/;
/** A flag that is valid for longer is none: whoever finds it could make functions log more for ever. */
const MAX_VALIDITY_MS = DAY_MS;

function signerOf(deploymentKey: string): Signer {
  return {
    deploymentKey,
    purpose: 'toolwatch debug flag',
    encoding: 'hex',
  };
}

/**
 * A flag with which one request is logged at DEBUG: in the header `x-toolwatch-debug`, or as `debug_flag` of the call
 * context. `deploymentKey` is the setting `userHashKey`. It is valid until `expiresAt`, at most a day from now.
 */
export function createDebugFlag(deploymentKey: string, expiresAt: Date): string {
  const signed = `${VERSION}.${Math.floor(expiresAt.getTime() / SECOND_MS)}`;
  return `${signed}.${sign(signerOf(deploymentKey), signed)}`;
}

function isValid(flag: string, nowMs: number): boolean {
  const { userHashKey } = readDeployment();
  const [, expiry = '', signature = ''] = FLAG.exec(flag) ?? [];
  const leftMs = Number(expiry) * SECOND_MS - nowMs;
  if (!userHashKey || signature === '' || leftMs <= 0 || leftMs > MAX_VALIDITY_MS) return false;
  return isSignatureOf(signerOf(userHashKey), `${VERSION}.${expiry}`, signature);
}

/** The measure that counts flags without a valid signature: they are a caller's, so they are no loss of ours. */
const REFUSED = 'debug_flags_refused';

/** Lets a call with a valid flag log at DEBUG. Any other flag is ignored, counted on the line and not passed on. */
export function applyDebugFlag(scope: Scope, nowMs: number): void {
  const { call } = scope.incoming;
  if (call.debug_flag === undefined) return;
  if (isValid(call.debug_flag, nowMs)) {
    scope.logsDebug = true;
    return;
  }
  delete call.debug_flag;
  scope.measures = new Map([[REFUSED, 1]]);
}
