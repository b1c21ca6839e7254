/**
 * A value as the body of a message in a queue. Characters that JSON may have, but XML and so SQS does not, are written as
 * escapes.
 */
export const toQueueBody = (value: object): string =>
  JSON.stringify(value).replace(/[\ufffe\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`);
