import type { ObjectStore } from '../../lambdas/archive/object-store.ts';

/** Objects in memory, which a test may look at and spoil. */
export const memoryObjects = (): ObjectStore & { contents: Map<string, Buffer> } => {
  const contents = new Map<string, Buffer>();
  return {
    contents,
    put: async (key, content) => {
      contents.set(key, Buffer.from(content));
    },
    get: async (key) => {
      const content = contents.get(key);
      if (!content) throw new Error(`There is no ${key}`);
      return content;
    },
    list: async (prefix) => [...contents.keys()].filter((key) => key.startsWith(prefix)),
    remove: async (key) => {
      contents.delete(key);
    },
  };
};
