import type { Site } from '../call/operation.ts';
import { lineOf, type Told } from './record.ts';
import { countDropped, droppedSoFar, forgetDropped, writeLine } from './stdout.ts';

/** Writes the line of a call, and tells in it what was lost before. Never throws: what fails here is counted for the next line. */
export const emit = (site: Site, told: Told): void => {
  try {
    const dropped = droppedSoFar();
    const accepted = writeLine(lineOf(site, dropped > 0 ? { ...told, dropped } : told));
    if (accepted && dropped > 0) forgetDropped(dropped);
  } catch {
    countDropped();
  }
};
