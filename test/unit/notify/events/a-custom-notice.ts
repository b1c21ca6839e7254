import fc from 'fast-check';
import type { CustomNotice } from '../../../../lambdas/contract/notices/custom-notice.ts';
import { CUSTOM_NOTICE_SCHEMA } from '../../../../lambdas/contract/notices/notice-limits.ts';

export const aCustomNotice = (more: Partial<CustomNotice> = {}): CustomNotice => ({
  schema: CUSTOM_NOTICE_SCHEMA,
  id: '0193487a-0f00-7000-8000-000000000001',
  at: '2026-11-20T22:00:00.000Z',
  title: 'The import is late',
  severity: 'warning',
  lines: [],
  links: [],
  resolve: false,
  source: { kind: 'person', actor: 'ann' },
  ...more,
});

/** Any text with at least one character that is seen. */
const title = fc.string({ unit: 'binary', maxLength: 200 }).map((text) => `a${text}`);
const text = fc.string({ unit: 'binary', maxLength: 300 });
const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 60 });

const source = fc.oneof(
  fc.record({ kind: fc.constant('person' as const), actor: name }),
  fc.record(
    { kind: fc.constant('tool' as const), tool: name, tenant_id: name, correlation_id: name, trace_id: name },
    { requiredKeys: ['kind', 'tool'] },
  ),
);

/** Any custom notice that the contract allows. */
export const anyCustomNotice: fc.Arbitrary<CustomNotice> = fc
  .record(
    {
      id: fc.uuid(),
      at: fc
        .date({ min: new Date(0), max: new Date('2090-01-01'), noInvalidDate: true })
        .map((date) => date.toISOString()),
      title,
      severity: fc.constantFrom('critical' as const, 'warning' as const, 'info' as const),
      lines: fc.array(text, { maxLength: 8 }),
      links: fc.array(fc.record({ title: name, url: fc.webUrl({ validSchemes: ['https'] }) }), { maxLength: 4 }),
      thread: name,
      resolve: fc.boolean(),
      source,
    },
    { requiredKeys: ['id', 'at', 'title', 'severity', 'lines', 'links', 'source'] },
  )
  .map(({ thread, resolve = false, ...given }) =>
    aCustomNotice({ ...given, ...(thread !== undefined && { thread, resolve }) }),
  );
