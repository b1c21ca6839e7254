import type { Fleet } from '../../tools/fleet.ts';
import { formatCount } from '../../words/format.ts';
import type { Trouble } from './find-troubles.ts';

/** How everything is, in a few words: green only where calls prove it, and no alarm fires that this reader may see. */
export const headlineOf = (
  { tools, firing, alarmsProblem }: Pick<Fleet, 'tools' | 'firing' | 'alarmsProblem'>,
  [worst]: readonly Trouble[],
): { text: string; tone: string } => {
  const failing = tools.filter(({ status }) => status.state === 'failing').length;
  const warned = tools.filter(({ status }) => status.state === 'warning').length;
  if (failing > 0) return { text: `${formatCount(failing, 'tool')} failing`, tone: 'critical' };
  if (worst?.severity === 'critical') return { text: worst.title, tone: 'critical' };
  if (warned > 0) return { text: `${formatCount(warned, 'tool')} to look at`, tone: 'warning' };
  if (worst) return { text: worst.title, tone: 'warning' };
  if (firing === 'unknown') return { text: 'Whether anything is failing is not known', tone: 'quiet' };
  if (alarmsProblem !== undefined) return { text: 'Nothing was failing when the alarms were read last', tone: 'quiet' };
  const isQuiet = tools.every(({ status }) => status.state !== 'healthy');
  if (isQuiet) return { text: 'Quiet, not proven well', tone: 'quiet' };
  return { text: 'Nothing is failing', tone: 'healthy' };
};
