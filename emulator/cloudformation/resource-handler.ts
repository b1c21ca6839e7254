import * as z from 'zod';

/** What a resource is known by once it is there. */
export interface CreatedResource {
  /** What `Ref` gives. */
  ref: string;
  /** What `Fn::GetAtt` gives, by name. */
  attributes?: Record<string, string>;
  /** Takes it away again, where its rule is changeable. */
  remove?: () => void | Promise<void>;
}

/** A resource as a rule meets it: its functions resolved. */
export interface ResourceDeclaration {
  stack: string;
  logicalId: string;
  properties: unknown;
  /** How a later deployment changes it. */
  updatePolicy?: unknown;
  /** What it was made into by an earlier deployment, when this one changes it. */
  was?: CreatedResource | undefined;
  /** Aborted when another resource of the deployment fails: what takes long gives up. */
  stopped?: AbortSignal;
}

/** Gives a resource of one type its local meaning. */
export interface ResourceHandler {
  (declared: ResourceDeclaration): CreatedResource | Promise<CreatedResource>;
  /** Later deployments may make, change and take away such resources. All others are as they were at the start. */
  updatable?: true;
}

/** A rule whose properties are read by a schema first. */
export const resourceHandler =
  <Schema extends z.ZodType>(
    schema: Schema,
    make: (properties: z.output<Schema>, declared: ResourceDeclaration) => CreatedResource | Promise<CreatedResource>,
  ): ResourceHandler =>
  (declared) => {
    const parsed = schema.safeParse(declared.properties);
    if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
    return make(parsed.data, declared);
  };

/** Says of a rule that it may be applied again, to what it has made, while everything runs. */
export const makeUpdatable = (one: ResourceHandler): ResourceHandler =>
  Object.assign((declared: ResourceDeclaration) => one(declared), { updatable: true as const });

/** A physical name for what the template leaves unnamed, as CloudFormation would make one. */
export const nameOf = ({ stack, logicalId }: ResourceDeclaration): string => `${stack}-${logicalId}`;
