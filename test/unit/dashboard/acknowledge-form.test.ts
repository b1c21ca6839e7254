import { expect, test } from 'vitest';
import { acknowledgementIn } from '../../../dashboard/views/incidents/acknowledge-form.tsx';
import { OPERATIONS } from '../../../lambdas/contract/operations.ts';

const { body } = OPERATIONS['PUT /v1/incidents/:id/acknowledgement'];

const write = (note: string): FormData => {
  const written = new FormData();
  written.set('note', note);
  return written;
};

test.each([
  ['  I call the shop. ', { note: 'I call the shop.' }],
  ['', {}],
  ['   ', {}],
])('the note %j is sent as operate takes it', (note, sent) => {
  expect(body.parse(acknowledgementIn(write(note)))).toEqual(sent);
});
