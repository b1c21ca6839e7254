import * as z from 'zod';

/** A resource that has been created. */
export interface CreatedResource {
  /** The value of `Ref`. */
  ref: string;
  /** The values of `Fn::GetAtt`, by attribute name. */
  attributes?: Record<string, string>;
  /** Deletes the resource, if its handler is updatable. */
  remove?: () => void | Promise<void>;
}

/** A resource as the template declares it, with its intrinsic functions resolved. */
export interface ResourceDeclaration {
  stack: string;
  logicalId: string;
  properties: unknown;
  /** The template's `UpdatePolicy`: how a later deployment changes the resource. */
  updatePolicy?: unknown;
  /** The resource as an earlier deployment created it, when this deployment updates it. */
  previous?: CreatedResource | undefined;
  /** Aborted when another resource of the deployment fails: a handler that takes long then gives up. */
  signal?: AbortSignal;
}

/** Implements one CloudFormation resource type: creates the resource, or updates it when it is updatable. */
export interface ResourceHandler {
  (declared: ResourceDeclaration): CreatedResource | Promise<CreatedResource>;
  /** Later deployments may create, update and delete resources of this type. All others stay as first deployed. */
  updatable?: true;
}

/** A handler that first validates the properties against a schema. */
export const resourceHandler =
  <Schema extends z.ZodType>(
    schema: Schema,
    create: (properties: z.output<Schema>, declared: ResourceDeclaration) => CreatedResource | Promise<CreatedResource>,
  ): ResourceHandler =>
  (declared) => {
    const parsed = schema.safeParse(declared.properties);
    if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
    return create(parsed.data, declared);
  };

/** Marks a handler as updatable: it may run again for a resource that it created, while everything else runs. */
export const makeUpdatable = (handler: ResourceHandler): ResourceHandler =>
  Object.assign((declared: ResourceDeclaration) => handler(declared), { updatable: true as const });

/** Throws when a resource would be created under a name that another one has, as it would when it moves to a new stack. */
export const assertNameIsFree = (name: string, { previous }: ResourceDeclaration, isTaken: boolean): void => {
  if (isTaken && previous?.ref !== name) throw new Error(`${name} already exists`);
};

/** The physical name of a resource that the template does not name; CloudFormation generates one in the same case. */
export const nameOf = ({ stack, logicalId }: ResourceDeclaration): string => `${stack}-${logicalId}`;
