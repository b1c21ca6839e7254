// What bundles have in place of `node:crypto`, which takes milliseconds of each cold start. Powertools' Logger imports it,
// and is loaded only by calls that log something: so is this, while an import of `node:crypto` would come first of all.
module.exports = process.getBuiltinModule('node:crypto');
