/** The metadata that views read, by the keys on the line. Any call may have it. */
export interface KnownMetadata {
  /** Of a webhook: where it delivers. */
  url?: string;
  /** Of a webhook or a rule: whether it is switched on. */
  enabled?: boolean;
  /** Of a rule. */
  rule_name?: string;
  /** Of a rule, such as `warmth_threshold`. */
  rule_type?: string;
  /** A UUID: whose shop or system was called. */
  customer_config_id?: string;
  /** Whose limit the measures `rate_limit_count` and `rate_limit_max` are; the id of a key and never the key itself. */
  rate_limit_key?: string;
  /** What `rate_limit_key` is. */
  rate_limit_key_type?: RateLimitKeyType;
}

export const RATE_LIMIT_KEY_TYPES = ['api_key', 'org', 'ip', 'provider'] as const;
export type RateLimitKeyType = (typeof RATE_LIMIT_KEY_TYPES)[number];

export const KNOWN_METADATA_KEYS = [
  'url',
  'enabled',
  'rule_name',
  'rule_type',
  'customer_config_id',
  'rate_limit_key',
  'rate_limit_key_type',
] as const satisfies readonly (keyof KnownMetadata)[];

/** Keys that the wrapper and ingest write themselves. */
export const RESERVED_METADATA_KEYS: readonly string[] = [
  'altered',
  'dependencies',
  'function_version',
  'gauges',
  'http',
  'init_ms',
  'input',
  'labels',
  'memory_mb',
  'node',
  'output',
  'records',
  'stack',
  'units',
  'unverified',
  'upstream_status',
];

/** The form of a metadata key of one's own. */
export const METADATA_KEY = /^[a-z][a-z0-9_]{0,63}$/;
/** How many keys of its own a call may have. */
export const OWN_METADATA_LIMIT = 32;
/** Maximum size of one value, in bytes of JSON. */
export const METADATA_VALUE_LIMIT_BYTES = 2_048;
/** Maximum size of what a call states itself, in bytes of JSON: the rest of the metadata is the wrapper's. */
export const OWN_METADATA_LIMIT_BYTES = 8_192;
