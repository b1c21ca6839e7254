import { loadNodeCrypto } from '../line/node-modules.ts';

/** With which key something is signed, and how the signature is written. */
export interface Signer {
  /** The setting `userHashKey`. */
  deploymentKey: string;
  /** Separates these signatures from others, and from the hashes of user ids, which have the same key. */
  purpose: string;
  encoding: 'hex' | 'base64url';
}

/** The signature of a text: HMAC-SHA-256 with a key that is derived from the deployment's for this purpose. */
export function sign({ deploymentKey, purpose, encoding }: Signer, text: string): string {
  const { createHmac } = loadNodeCrypto();
  const key = createHmac('sha256', deploymentKey).update(purpose).digest();
  return createHmac('sha256', key).update(text).digest(encoding);
}

/** True when this is the signature of the text. It takes as long for a wrong one as for the right one. */
export function isSignatureOf(signer: Signer, text: string, signature: string): boolean {
  const [expected, given] = [Buffer.from(sign(signer, text)), Buffer.from(signature)];
  return expected.length === given.length && loadNodeCrypto().timingSafeEqual(expected, given);
}
