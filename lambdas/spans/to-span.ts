import { type Attributes, type AttributeValue, type HrTime, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { Invocation } from '../contract/invocation.ts';
import { OPENTELEMETRY_NAMES } from '../contract/opentelemetry.ts';
import { type Kind, SCHEMA } from '../contract/vocabulary.ts';

/** What a call of each kind is in a trace: answered here, made to somebody else, taken from a queue, or neither. */
const SPAN_KINDS: Readonly<Record<Kind, SpanKind>> = {
  tool: SpanKind.SERVER,
  http: SpanKind.SERVER,
  webhook: SpanKind.CLIENT,
  dependency: SpanKind.CLIENT,
  query: SpanKind.CLIENT,
  job: SpanKind.CONSUMER,
  sync: SpanKind.INTERNAL,
  rule: SpanKind.INTERNAL,
  probe: SpanKind.CLIENT,
};

/** The fields that are not attributes of the span: they are its ids, times, status and event, or its resource's. */
const ELSEWHERE: ReadonlySet<keyof Invocation> = new Set([
  'schema',
  'service',
  'environment',
  'version',
  'started_at',
  'finished_at',
  'duration_ms',
  'success',
  'error_message',
  'trace_id',
  'metadata',
  'measures',
] as const);

/** When a clock said it was. OpenTelemetry has no time before 1970, and takes 0 for none. */
const momentOf = (iso: string): number => Math.max(1, Date.parse(iso));

/** Seconds and nanoseconds since 1970. */
const toHrTime = (ms: number): HrTime => {
  const seconds = Math.floor(ms / 1_000);
  return [seconds, Math.round((ms - seconds * 1_000) * 1_000_000)];
};

const hexOf = (guid: string): string => guid.replaceAll('-', '').toLowerCase();

/** OpenTelemetry's ids are never all zero; such a UUID could only be written by hand. */
const neverZero = (id: string): string => (/^0+$/.test(id) ? `${id.slice(1)}1` : id);

/** The half of a call's id that is random in a UUIDv7: the same for its span and in its children's spans. */
export const spanIdOf = (eventId: string): string => neverZero(hexOf(eventId).slice(16));

/** The trace that the call's caller sent, else one of the call itself, or of the call that made it. */
const traceIdOf = ({ trace_id, parent_id, event_id }: Invocation): string =>
  neverZero(trace_id ?? hexOf(parent_id ?? event_id));

const nameOf = (field: keyof Invocation, { kind }: Invocation): string =>
  (field === 'name' && kind !== 'tool' ? undefined : OPENTELEMETRY_NAMES[field]) ?? `toolwatch.${field}`;

const valueAt = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (part, key) =>
      typeof part === 'object' && part !== null && Object.hasOwn(part, key)
        ? (part as Record<string, unknown>)[key]
        : undefined,
    value,
  );

const isAttribute = (value: unknown): value is AttributeValue =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

/** Of the metadata, which has no fixed keys, only what OpenTelemetry names. */
const metadataAttributes = ({ metadata }: Invocation): Attributes =>
  Object.fromEntries(
    Object.entries(OPENTELEMETRY_NAMES).flatMap(([path, name]) => {
      const [first, ...rest] = path.split('.');
      const value = first === 'metadata' ? valueAt(metadata, rest) : undefined;
      return isAttribute(value) ? [[name, value]] : [];
    }),
  );

const attributesOf = (record: Invocation): Attributes => ({
  ...Object.fromEntries(
    (Object.entries(record) as [keyof Invocation, unknown][]).flatMap(([field, value]) =>
      !ELSEWHERE.has(field) && isAttribute(value) ? [[nameOf(field, record), value]] : [],
    ),
  ),
  ...metadataAttributes(record),
  ...Object.fromEntries(
    Object.entries(record.measures ?? {}).map(([name, value]) => [`toolwatch.measures.${name}`, value]),
  ),
  ...(record.kind === 'tool' && { 'mcp.method.name': 'tools/call', 'gen_ai.operation.name': 'execute_tool' }),
});

const nameOfSpan = ({ kind, name }: Invocation): string => (kind === 'tool' ? `tools/call ${name}` : `${kind} ${name}`);

/** A failure by its caller's fault leaves the status as it is: it is nobody's to mend here. */
const statusOf = ({ success, fault, error_message }: Invocation): ReadableSpan['status'] =>
  success || fault === 'caller'
    ? { code: SpanStatusCode.UNSET }
    : { code: SpanStatusCode.ERROR, ...(error_message !== undefined && { message: error_message }) };

const eventsOf = ({ success, error_type, error_message }: Invocation, time: HrTime): ReadableSpan['events'] =>
  success
    ? []
    : [
        {
          name: 'exception',
          time,
          attributes: {
            ...(error_type !== undefined && { 'exception.type': error_type }),
            ...(error_message !== undefined && { 'exception.message': error_message }),
          },
          droppedAttributesCount: 0,
        },
      ];

/** Who wrote a record, the same object for the same writer: spans are sent in groups by it. */
export class Resources {
  readonly #known = new Map<string, Resource>();

  constructor(private readonly region: string | undefined) {}

  of({ service, environment, version }: Invocation): Resource {
    const key = JSON.stringify([service, environment, version]);
    const known = this.#known.get(key);
    if (known) return known;
    const resource = resourceFromAttributes({
      'service.name': service,
      'service.version': version,
      'deployment.environment.name': environment,
      'cloud.provider': 'aws',
      'cloud.platform': 'aws_lambda',
      ...(this.region !== undefined && { 'cloud.region': this.region }),
    });
    this.#known.set(key, resource);
    return resource;
  }
}

/**
 * The span of a call, named as OpenTelemetry's semantic conventions name it. It begins and ends when the call did for
 * its caller. A call without a trace of its caller belongs to a trace of its own, with the calls that it made.
 */
export const toSpan = (record: Invocation, resources: Resources): ReadableSpan => {
  const traceId = traceIdOf(record);
  const context = (eventId: string) => ({ traceId, spanId: spanIdOf(eventId), traceFlags: 1 });
  const [startMs, endMs] = [momentOf(record.started_at), momentOf(record.finished_at)];
  const endTime = toHrTime(Math.max(startMs, endMs));
  return {
    name: nameOfSpan(record),
    kind: SPAN_KINDS[record.kind],
    spanContext: () => context(record.event_id),
    ...(record.parent_id !== undefined && { parentSpanContext: context(record.parent_id) }),
    startTime: toHrTime(startMs),
    endTime,
    duration: toHrTime(Math.max(0, endMs - startMs)),
    ended: true,
    status: statusOf(record),
    attributes: attributesOf(record),
    events: eventsOf(record, endTime),
    links: [],
    resource: resources.of(record),
    instrumentationScope: { name: 'toolwatch', version: SCHEMA },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
};
