import { reasonOnly, reasonRequired } from '../../contract/jobs/changes.ts';
import type { Pause, PauseScope } from '../../contract/jobs/reports.ts';
import { storedText } from '../../contract/queries.ts';
import { parseBody } from '../changes/body.ts';
import type { ChangeHandler } from '../changes/change-handler.ts';
import { writeStore } from '../changes/write-store.ts';
import { parsePath } from '../request/query.ts';
import { doneAlready } from './refusals.ts';

const pausedName = storedText('write the name of a source or a tool');

/** PUT /v1/job-pauses/{scope}/{name} */
const pause =
  (scope: PauseScope): ChangeHandler =>
  async ({ database, editor }, context, actor) => {
    const name = parsePath(pausedName, 'name', context);
    const { reason } = parseBody(reasonRequired, context.event.received);
    const about = { target: `${scope}/${name}`, action: 'job_pause.begun' };
    const paused = await writeStore(editor, { ...actor, ...about, reason }, async (writer) => {
      const [begun] = await writer.rows('put-job-pause', [scope, name, reason, actor.actor]);
      if (!begun)
        throw await doneAlready(database, {
          what: `Jobs of the ${scope} ${name} are held back already`,
          target: about.target,
          actions: [about.action],
        });
      const [row] = await writer.rows<Pause>('job-pauses', [1, scope, name]);
      return { answer: row, change: { before: null, after: row } };
    });
    return Response.json({ pause: paused });
  };

/** DELETE /v1/job-pauses/{scope}/{name} */
const resume =
  (scope: PauseScope): ChangeHandler =>
  async ({ database, editor }, context, actor) => {
    const name = parsePath(pausedName, 'name', context);
    const { reason } = parseBody(reasonOnly, context.event.received);
    const about = { target: `${scope}/${name}`, action: 'job_pause.ended' };
    const ended = await writeStore(editor, { ...actor, ...about, reason }, async (writer) => {
      const [row] = await writer.rows<Pause>('end-job-pause', [scope, name]);
      if (!row)
        throw await doneAlready(database, {
          what: `Nothing keeps back jobs of the ${scope} ${name}`,
          done: '; a pause was ended',
          target: about.target,
          actions: [about.action],
        });
      return { answer: row, change: { before: row, after: null } };
    });
    return Response.json({ ended });
  };

export const pauseSource = pause('source');
export const pauseTool = pause('tool');
export const resumeSource = resume('source');
export const resumeTool = resume('tool');
