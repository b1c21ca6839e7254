/*
 * Node's own modules without `import`, which makes Node prepare all exports of a module: for `node:fs` that takes
 * longer than the rest of the wrapper, at each cold start. Most calls need nothing of `node:crypto` or `node:module`
 * at all.
 */

export function loadAsyncHooks(): typeof import('node:async_hooks') {
  return process.getBuiltinModule('node:async_hooks');
}

export function loadNodeCrypto(): typeof import('node:crypto') {
  return process.getBuiltinModule('node:crypto');
}

export function loadFileSystem(): typeof import('node:fs') {
  return process.getBuiltinModule('node:fs');
}

export function loadModules(): typeof import('node:module') {
  return process.getBuiltinModule('node:module');
}
