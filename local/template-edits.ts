import { allStacks, type Stack, type Template } from '../emulator/cloudformation/template.ts';

export type Resources = Template['Resources'];

/**
 * Removes or changes resources of a template. Throws when it finds nothing to change: an edit without effect proves
 * nothing.
 */
export type TemplateEdit = (resources: Resources) => void;

/** The type of a resource that an edit has removed and `editTemplate` has still to delete. */
const REMOVED = 'removed';

/** Applies an edit to stacks and the stacks nested in them. */
export const editTemplate = (stacks: readonly Stack[], edit: TemplateEdit): void => {
  const templates = allStacks(stacks);
  edit(
    Object.fromEntries(
      templates.flatMap(({ name, template }) =>
        Object.entries(template.Resources).map(([id, resource]) => [`${name}/${id}`, resource] as const),
      ),
    ),
  );
  for (const { template } of templates) {
    for (const [id, { Type }] of Object.entries(template.Resources)) {
      if (Type === REMOVED) delete template.Resources[id];
    }
  }
};

const findResources = (resources: Resources, type: string, text: string) =>
  Object.entries(resources)
    .filter(([id, resource]) => resource.Type === type && `${id} ${JSON.stringify(resource.Properties)}`.includes(text))
    .map(([, resource]) => resource);

/** The only resource of a type whose id or properties, as JSON, contain `text`. Throws unless there is exactly one. */
export const findResource = (resources: Resources, type: string, text = '') => {
  const found = findResources(resources, type, text);
  const [only] = found;
  if (!only || found.length > 1) throw new Error(`Expected one ${type} that contains ${text}, found ${found.length}`);
  return only;
};

/** Removes one resource. */
export const removeResource =
  (type: string, text?: string): TemplateEdit =>
  (resources) => {
    findResource(resources, type, text).Type = REMOVED;
  };

/** Removes every matching resource; there must be at least one. */
export const removeResources =
  (type: string, text = ''): TemplateEdit =>
  (resources) => {
    const found = findResources(resources, type, text);
    if (found.length === 0) throw new Error(`Found no ${type} that contains ${text}`);
    for (const resource of found) resource.Type = REMOVED;
  };

interface Statement {
  Effect: string;
  Action: string | string[];
  Resource?: unknown;
}
interface Policy {
  PolicyDocument?: { Statement: Statement[] };
  KeyPolicy?: { Statement: Statement[] };
}

/** Removes an action from what a role, or a resource's own policy, allows; the statement's other actions stay. */
export const removeAction =
  (type: string, text: string, action: string): TemplateEdit =>
  (resources) => {
    const { Properties } = findResource(resources, type, text);
    const policies = (Properties.Policies ?? [Properties]) as Policy[];
    let removed = 0;
    for (const document of policies.flatMap(({ PolicyDocument, KeyPolicy }) => PolicyDocument ?? KeyPolicy ?? [])) {
      for (const statement of document.Statement.filter(({ Effect }) => Effect === 'Allow')) {
        const actions = [statement.Action].flat();
        const rest = actions.filter((other) => other !== action);
        removed += actions.length - rest.length;
        statement.Action = rest;
      }
      document.Statement = document.Statement.filter(({ Action }) => Action.length > 0);
    }
    if (removed === 0) throw new Error(`Found no statement that allows ${action} in the ${type} that contains ${text}`);
  };

/** Removes a permission from a function's role, which is found by the end of the function's name. */
export const removePermission = (functionNameEnd: string, action: string): TemplateEdit =>
  removeAction('AWS::IAM::Role', `${functionNameEnd} may do"`, action);

/** Removes the resources that contain `text` from what a function's role allows an action on; the others stay. */
export const removePermissionOn =
  (functionNameEnd: string, action: string, text: string): TemplateEdit =>
  (resources) => {
    const { Properties } = findResource(resources, 'AWS::IAM::Role', `${functionNameEnd} may do"`);
    const statements = (Properties.Policies as Policy[]).flatMap(
      ({ PolicyDocument }) => PolicyDocument?.Statement ?? [],
    );
    let removed = 0;
    for (const statement of statements.filter(({ Action }) => [Action].flat().includes(action))) {
      const given = [statement.Resource].flat();
      const remaining = given.filter((resource) => !JSON.stringify(resource).includes(text));
      statement.Resource = remaining;
      removed += given.length - remaining.length;
    }
    if (removed === 0) throw new Error(`${functionNameEnd} may not do ${action} on anything that contains ${text}`);
  };
