import { accessSync, constants } from 'node:fs';
import { delimiter, resolve } from 'node:path';

const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** The first of these programs that there is, each a path or a name on the `PATH`. */
export const findProgram = (...programs: (string | undefined)[]): string | undefined => {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return programs
    .flatMap((program) => (program ? folders.map((folder) => resolve(folder, program)) : []))
    .find(isExecutable);
};
