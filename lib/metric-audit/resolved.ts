import { DefaultTokenResolver, type IResolvable, Reference, Tokenization } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** A part of a template that names a resource: the CDK would write `Ref` or `Fn::GetAtt`, or an import of another stack's. */
export class ResourceName {
  constructor(
    readonly resource: IConstruct,
    /** `Ref`, or the attribute that is read. */
    readonly attribute: string,
  ) {}
}

/** Text with parts that are known only at deployment. */
export class JoinedText {
  constructor(readonly parts: readonly unknown[]) {}
}

const partsOf = (value: unknown): readonly unknown[] => (value instanceof JoinedText ? value.parts : [value]);

const joinParts = (left: unknown, right: unknown): unknown => {
  if (left === undefined) return right;
  if (right === undefined) return left;
  if (typeof left === 'string' && typeof right === 'string') return left + right;
  return new JoinedText([...partsOf(left), ...partsOf(right)]);
};

const PSEUDO_PARAMETER = /^AWS::/;

/** Resolves tokens, but leaves the names of resources as such, so that one sees whose they are. */
class NamePreservingResolver extends DefaultTokenResolver {
  constructor() {
    super({ join: joinParts });
  }

  override resolveToken(
    token: IResolvable,
    context: Parameters<DefaultTokenResolver['resolveToken']>[1],
    postProcessor: Parameters<DefaultTokenResolver['resolveToken']>[2],
  ): unknown {
    return Reference.isReference(token) && !PSEUDO_PARAMETER.test(token.displayName)
      ? new ResourceName(token.target, token.displayName)
      : super.resolveToken(token, context, postProcessor);
  }
}

/**
 * A property of a resource as it will be in the template, with a `ResourceName` where it names a resource of the app,
 * in whichever stack, and a `JoinedText` where text contains one.
 */
export const resolveProperty = (scope: IConstruct, property: unknown): unknown =>
  Tokenization.resolve(property, { scope, resolver: new NamePreservingResolver(), preparing: false });
