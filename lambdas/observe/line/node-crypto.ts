/**
 * Node's crypto, loaded on first use: importing it is half of the wrapper's cold start, and most calls never need it.
 */
export function loadNodeCrypto(): typeof import('node:crypto') {
  return process.getBuiltinModule('node:crypto');
}
