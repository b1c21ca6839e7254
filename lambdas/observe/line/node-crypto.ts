/** Node's crypto, loaded when first needed: importing it is half of a cold start's cost here, and most calls never need it. */
export const loadNodeCrypto = (): typeof import('node:crypto') => process.getBuiltinModule('node:crypto');
