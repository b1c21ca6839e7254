import * as z from 'zod';

type JsonSchema = z.core.JSONSchema.JSONSchema;

/** One field of a JSON Schema, as a reader needs it. */
export interface ShownField {
  /** `alerts.critical.emails`; `[]` stands for each element of a list, `*` for any key. */
  readonly path: string;
  readonly values: string;
  readonly fallback: string;
  readonly description: string;
}

/** A zod schema as the JSON Schema that the tables are made from: of what is written (`input`), or of what is answered. */
const jsonSchemaOf = (schema: z.ZodType, io: 'input' | 'output'): JsonSchema =>
  z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    // A field that one form of a setting forbids.
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema._zod.def.type === 'undefined') jsonSchema.not = {};
    },
  });

const code = (value: unknown): string => `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;

const range = ({ minimum, exclusiveMinimum, maximum, exclusiveMaximum }: JsonSchema): string => {
  const lower = exclusiveMinimum === undefined ? minimum : `above ${exclusiveMinimum}`;
  const upper = exclusiveMaximum === undefined ? maximum : `below ${exclusiveMaximum}`;
  const isSafe = (limit: number | string | undefined) =>
    limit !== undefined && Math.abs(Number(limit)) !== Number.MAX_SAFE_INTEGER;
  if (isSafe(lower) && isSafe(upper)) return `${lower} to ${upper}`;
  if (isSafe(lower)) return typeof lower === 'string' ? lower : `${lower} or more`;
  return isSafe(upper) ? `up to ${upper}` : '';
};

const FORMATS: Readonly<Record<string, string>> = {
  'date-time': 'time (ISO 8601)',
  uuid: 'UUID',
  email: 'e-mail address',
  uri: 'URL',
};

const describeType = (schema: JsonSchema): string => {
  const { type, format } = schema;
  // What may be null is written so in short.
  if (Array.isArray(type)) return type.map((each) => describeType({ ...schema, type: each })).join(' or ');
  if (type === 'string') return FORMATS[format ?? ''] ?? 'text';
  if (type === 'integer') return ['whole number', range(schema)].filter(Boolean).join(', ');
  if (type === 'number') return ['number', range(schema)].filter(Boolean).join(', ');
  if (type === 'boolean') return '`true` or `false`';
  if (type === 'array') return 'list';
  if (type === 'null') return '`null`';
  return type === 'object' ? 'object' : 'anything';
};

const describeValues = (schema: JsonSchema): string => {
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum) return schema.enum.map(code).join(', ');
  if (schema.anyOf || schema.oneOf) {
    return [...new Set(alternativesOf(schema).map(describeValues))].join(' or ');
  }
  if (schema.type === 'array' && typeof schema.items === 'object' && !Array.isArray(schema.items)) {
    return `list of ${describeValues(schema.items as JsonSchema)}`;
  }
  return describeType(schema);
};

const alternativesOf = ({ anyOf, oneOf }: JsonSchema): JsonSchema[] => (anyOf ?? oneOf ?? []) as JsonSchema[];

/** What tells one form of an object from the others: ` (kind: http-api)`. */
const variantOf = ({ properties = {} }: JsonSchema): string => {
  const constants = Object.entries(properties).filter(([, value]) => (value as JsonSchema).const !== undefined);
  return constants.map(([name, value]) => ` (${name}: ${(value as JsonSchema).const})`).join('');
};

const defaultOf = (schema: JsonSchema, required: boolean): string => {
  const { default: fallback } = schema;
  if (fallback !== undefined && JSON.stringify(fallback) !== '{}') return code(fallback);
  return required && fallback === undefined ? 'required' : '';
};

/** The objects below a schema: itself, an alternative of it, the element of a list, the value of any key. */
const objectsBelow = (schema: JsonSchema, path: string): [JsonSchema, string][] => {
  if (schema.type === 'array') return objectsBelow((schema.items ?? {}) as JsonSchema, `${path}[]`);
  if (schema.properties) return [[schema, path]];
  if (typeof schema.additionalProperties === 'object') {
    return objectsBelow(schema.additionalProperties as JsonSchema, `${path}.*`);
  }
  const objects = alternativesOf(schema).filter(({ properties }) => properties);
  return objects.map((variant) => [variant, objects.length > 1 ? `${path}${variantOf(variant)}` : path]);
};

const isForbidden = (schema: JsonSchema): boolean => JSON.stringify(schema.not) === '{}';

/**
 * The fields of the objects below a field. What all forms of an object have in common stands once, without any form's
 * distinguishing value.
 */
const fieldsBelow = (field: JsonSchema, fieldPath: string): ShownField[] => {
  const forms = objectsBelow(field, fieldPath).map(([object, below]) => ({ below, fields: fieldsOf(object, '') }));
  const keyOf = (each: ShownField): string => JSON.stringify(each);
  const keys = forms.map(({ fields }) => new Set(fields.map(keyOf)));
  const isCommon = (each: ShownField): boolean => keys.length > 1 && keys.every((of) => of.has(keyOf(each)));
  const [first] = forms;
  const common = first?.fields.filter(isCommon) ?? [];
  const plainPath = first?.below.replace(/( \([^)]*\))+$/, '');
  return [
    ...common.map((each) => ({ ...each, path: `${plainPath}.${each.path}` })),
    ...forms.flatMap(({ below, fields }) =>
      fields.filter((each) => !isCommon(each)).map((each) => ({ ...each, path: `${below}.${each.path}` })),
    ),
  ];
};

const fieldsOf = (schema: JsonSchema, path: string): ShownField[] =>
  Object.entries(schema.properties ?? {}).flatMap(([name, value]) => {
    const field = value as JsonSchema;
    if (isForbidden(field)) return [];
    const fieldPath = path === '' ? name : `${path}.${name}`;
    return [
      {
        path: fieldPath,
        values: describeValues(field),
        fallback: defaultOf(field, schema.required?.includes(name) ?? false),
        description: field.description ?? '',
      },
      ...fieldsBelow(field, fieldPath),
    ];
  });

const escapeCell = (text: string): string => text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');

/** Rows as a Markdown table. */
export const formatTable = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows.map((row) => row.map(escapeCell))]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');

/** What a request may say: each field with its values and its default. */
export const fieldsOfRequest = (schema: z.ZodType): ShownField[] => fieldsOf(jsonSchemaOf(schema, 'input'), '');

/** What an answer holds: each field with its values. */
export const fieldsOfAnswer = (schema: z.ZodType): ShownField[] =>
  fieldsOf(jsonSchemaOf(schema, 'output'), '').map((field) => ({ ...field, fallback: '' }));

/** What may be written, as a Markdown table: each field with its values, its default and what it does. */
export const inputTable = (schema: z.ZodType, head: string): string =>
  formatTable(
    [head, 'Values', 'Default', 'What it does'],
    fieldsOfRequest(schema).map(({ path, values, fallback, description }) => [
      `\`${path}\``,
      values,
      fallback,
      description,
    ]),
  );

/** What an answer holds, as a Markdown table: each field with its values and its meaning. */
export const outputTable = (schema: z.ZodType): string =>
  formatTable(
    ['Field', 'Values', 'Meaning'],
    fieldsOfAnswer(schema).map(({ path, values, description }) => [`\`${path}\``, values, description]),
  );
