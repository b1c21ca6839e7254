import { allStacks, type Stack, type Template } from '../emulator/cloudformation/template.ts';

export type Resources = Template['Resources'];

/** Takes something out of a template. Throws when it is not there: a cut that misses proves nothing. */
export type TemplateEdit = (resources: Resources) => void;

const GONE = 'gone';

/** Makes a cut in stacks, those within them too. */
export const editTemplate = (stacks: readonly Stack[], cut: TemplateEdit): void => {
  const all = allStacks(stacks);
  cut(
    Object.fromEntries(
      all.flatMap(({ name, template }) =>
        Object.entries(template.Resources).map(([id, one]) => [`${name}/${id}`, one] as const),
      ),
    ),
  );
  for (const { template } of all) {
    for (const [id, { Type }] of Object.entries(template.Resources)) if (Type === GONE) delete template.Resources[id];
  }
};

const having = (resources: Resources, type: string, words: string) =>
  Object.entries(resources)
    .filter(([id, one]) => one.Type === type && `${id} ${JSON.stringify(one.Properties)}`.includes(words))
    .map(([, one]) => one);

/** The one resource of a type in whose id and properties, as JSON, `words` occur. Throws when it is not exactly one. */
export const findResource = (resources: Resources, type: string, words = '') => {
  const found = having(resources, type, words);
  const [only] = found;
  if (!only || found.length > 1) throw new Error(`${found.length} of ${type} with ${words}`);
  return only;
};

/** Cuts a whole resource out. */
export const removeResource =
  (type: string, words?: string): TemplateEdit =>
  (resources) => {
    findResource(resources, type, words).Type = GONE;
  };

/** Cuts every such resource out. */
export const removeResources =
  (type: string, words = ''): TemplateEdit =>
  (resources) => {
    const found = having(resources, type, words);
    if (found.length === 0) throw new Error(`no ${type} with ${words}`);
    for (const one of found) one.Type = GONE;
  };

interface Statement {
  Effect: string;
  Action: string | string[];
}
interface Policy {
  PolicyDocument?: { Statement: Statement[] };
  KeyPolicy?: { Statement: Statement[] };
}

/** Cuts an action out of what a role, or a resource's own policy, allows; the rest of a statement stays. */
export const removeAction =
  (type: string, words: string, action: string): TemplateEdit =>
  (resources) => {
    const { Properties } = findResource(resources, type, words);
    const policies = (Properties.Policies ?? [Properties]) as Policy[];
    let cut = 0;
    for (const document of policies.flatMap(({ PolicyDocument, KeyPolicy }) => PolicyDocument ?? KeyPolicy ?? [])) {
      for (const one of document.Statement.filter(({ Effect }) => Effect === 'Allow')) {
        const rest = [one.Action].flat().filter((other) => other !== action);
        cut += [one.Action].flat().length - rest.length;
        one.Action = rest;
      }
      document.Statement = document.Statement.filter(({ Action }) => Action.length > 0);
    }
    if (cut === 0) throw new Error(`${words} is allowed no ${action}`);
  };

/** Cuts a right out of a function's role. */
export const removePermission = (functionName: string, action: string): TemplateEdit =>
  removeAction('AWS::IAM::Role', `"What ${functionName} may do"`, action);
