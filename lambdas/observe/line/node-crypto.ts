/**
 * Node's crypto, loaded on first use: importing it is half of the wrapper's cold start, and most calls never need it.
 */
export const loadNodeCrypto = (): typeof import('node:crypto') => process.getBuiltinModule('node:crypto');
