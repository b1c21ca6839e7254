import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { parseJson } from '../../lambdas/contract/parse-json.ts';

/** The outputs of a deployment, as `cdk deploy --outputs-file` writes them: by stack and name. */
const outputsFile = z.record(z.string(), z.record(z.string(), z.string()));

/** The outputs of all stacks by name. Throws a sentence for a file that does not hold them. */
export const readOutputs = (file: string): Readonly<Record<string, string | undefined>> => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Error(`There is no file ${file}. Deploy with --outputs-file, or start npm start first.`, { cause });
  }
  const { data } = outputsFile.safeParse(parseJson(text));
  if (!data) throw new Error(`${file} is not what cdk deploy --outputs-file writes: outputs by stack and name.`);
  return Object.assign({}, ...Object.values(data));
};
