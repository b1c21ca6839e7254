import { Fn, Reference, Token, Tokenization } from 'aws-cdk-lib';
import * as logs from 'aws-cdk-lib/aws-logs';
import { LOG_GROUP_NAME } from '../settings/call-log-setting.ts';
import { InvalidSettings } from '../settings.ts';

/** Throws `InvalidSettings` for what is not the name of a log group, such as its ARN. */
export function validateLogGroupName(name: string): void {
  if (Token.isUnresolved(name) || LOG_GROUP_NAME.test(name)) return;
  throw new InvalidSettings(
    `callLogName: ${JSON.stringify(name)} is not the name of a log group; write the name, such as /shop/calls, ` +
      'of at most 255 letters, digits and _ . / # -.',
  );
}

/** The text of a name that refers to a log group of this app whose name is stated; else the name as it is. */
const statedName = (name: string): string => {
  const token = Token.isUnresolved(name) ? Tokenization.reverse(name, { failConcat: false }) : undefined;
  if (!Reference.isReference(token) || !(token.target instanceof logs.CfnLogGroup)) return name;
  const { logGroupName } = token.target;
  return logGroupName === undefined || Token.isUnresolved(logGroupName) ? name : logGroupName;
};

/** A log group's name within an address of the console, encoded at deployment where it is known only then. */
export function encodeLogGroupName(name: string, encode: (text: string) => string): string {
  const known = statedName(name);
  if (!Token.isUnresolved(known)) return encode(known);
  // Of the characters that a name may have, these two are not written as they are.
  return ['/', '#'].reduce((text, character) => Fn.join(encode(character), Fn.split(character, text)), known);
}
