import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as timeout } from 'node:timers/promises';
import { findFreePort, startProject } from './npm-start.ts';

const TOOL = 'city_weather';
const TIMEOUT_MS = 120_000;

/** A copy of the project with its packages, without what its own runs have left in it. */
const copyProject = (root: string, folder: string): void => {
  const files = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split('\0').filter(Boolean);
  for (const file of files) {
    mkdirSync(join(folder, file, '..'), { recursive: true });
    cpSync(join(root, file), join(folder, file));
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
};

/** Repeats work until it succeeds. Rejects with its last error when it has not after two minutes. */
const retry = async (work: () => Promise<void>): Promise<void> => {
  const until = Date.now() + TIMEOUT_MS;
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      if (Date.now() > until) throw error;
      await timeout(200);
    }
  }
};

interface Step {
  readonly step: string;
  readonly seconds: number;
}

/**
 * Goes the way of somebody who writes a first tool, while `npm start -- --watch` runs: add it, call it, edit it, call
 * what was edited, and find the call's line. Each step's time is what the author waits.
 */
export const measureAuthor = async (root: string, folder: string): Promise<Step[]> => {
  const project = join(folder, 'project');
  copyProject(root, project);
  const run = await startProject({
    project,
    data: join(project, '.toolwatch'),
    port: await findFreePort(),
    watches: true,
  });
  const steps: Step[] = [];
  const measure = async (step: string, work: () => Promise<void> | void) => {
    const startedAt = performance.now();
    await work();
    steps.push({ step, seconds: (performance.now() - startedAt) / 1_000 });
  };
  const expectAnswer = async (text: string): Promise<void> => {
    const answer = JSON.stringify(await run.call(TOOL, { text: 'Lisbon' }));
    if (answer !== JSON.stringify({ text })) throw new Error(`The tool answers ${answer}.`);
  };
  try {
    await measure('npm run add-tool', () => {
      execFileSync('npm', ['run', '--silent', 'add-tool', TOOL], { cwd: project, stdio: 'ignore' });
    });
    await measure('until it can be called', () => retry(() => expectAnswer('Lisbon')));
    const file = join(project, 'lambdas/tools', `${TOOL.replaceAll('_', '-')}.ts`);
    writeFileSync(file, readFileSync(file, 'utf8').replace('=> ({ text }))', '=> ({ text: text.toUpperCase() }))'));
    await measure('after an edit, until it answers as edited', () => retry(() => expectAnswer('LISBON')));
    await measure('until its line is there', () =>
      retry(async () => {
        const lines = await (await fetch(`${run.page}/local/logs?group=/toolwatch/calls`)).text();
        if (!lines.includes(TOOL)) throw new Error('There is no line of the call.');
      }),
    );
  } finally {
    await run.stop();
  }
  return steps;
};
