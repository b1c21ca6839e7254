import { fullDiff, ResourceImpact } from '@aws-cdk/cloudformation-diff';
import type { Resource, Template } from './synthesized.ts';

type Templates = Record<string, Template>;

/** What makes a second deployment fail. */
export interface Obstacle {
  /** `parameter`: refused before anything changes. The others are met on the way. */
  kind: 'parameter' | 'export' | 'name' | 'protection';
  what: string;
}

/** The property by which a resource of another type than `<Service>::<Name>` with `<Name>Name` is named. */
const NAME_PROPERTIES: Record<string, string> = {
  'AWS::CloudWatch::CompositeAlarm': 'AlarmName',
  'AWS::CloudWatch::AlarmMuteRule': 'Name',
  'AWS::ApiGatewayV2::DomainName': 'DomainName',
};

/** The name of a resource that its template chooses, with its kind; undefined for one that CloudFormation chooses. */
const physicalName = ({ Type, Properties }: Resource): string | undefined => {
  const name = Properties?.[NAME_PROPERTIES[Type] ?? `${Type.split('::').at(-1)}Name`];
  return typeof name === 'string' ? `${Type.replace('CompositeAlarm', 'Alarm')} ${name}` : undefined;
};

const isProtected = ({ Properties }: Resource): boolean => Properties?.DeletionProtection === true;

const resourcesOf = (templates: Templates): [string, string, Resource][] =>
  Object.entries(templates).flatMap(([stack, { Resources }]) =>
    Object.entries(Resources).map(([id, resource]): [string, string, Resource] => [stack, id, resource]),
  );

/** A later deployment leaves each parameter as it is, and its template may not allow that value any more. */
function refusedParameters(before: Templates, after: Templates): Obstacle[] {
  return Object.entries(after).flatMap(([stack, { Parameters = {} }]) =>
    Object.entries(Parameters).flatMap(([name, { AllowedValues, ConstraintDescription }]): Obstacle[] => {
      const value = before[stack]?.Parameters?.[name]?.Default;
      const isAllowed = !AllowedValues || value === undefined || AllowedValues.includes(String(value));
      return isAllowed ? [] : [{ kind: 'parameter', what: `Parameter ${name} ${ConstraintDescription}` }];
    }),
  );
}

/** The data stack is deployed first, while the app stack still imports what it did. */
function missingExports(before: Templates, after: Templates): Obstacle[] {
  const exportsOf = (templates: Templates) =>
    new Map(
      Object.values(templates).flatMap(({ Outputs = {} }) =>
        Object.values(Outputs).flatMap(({ Value, Export }): [string, string][] =>
          Export ? [[Export.Name, JSON.stringify(Value)]] : [],
        ),
      ),
    );
  const [old, next] = [exportsOf(before), exportsOf(after)];
  const imported = new Set(
    [...JSON.stringify(before).matchAll(/"Fn::ImportValue":"([^"]+)"/g)].map(([, name]) => name ?? ''),
  );
  return [...imported]
    .filter((name) => old.has(name) && next.get(name) !== old.get(name))
    .map((name) => ({ kind: 'export', what: name }));
}

/** What is created before its namesake is deleted: in another stack, or under another logical id or type. */
function takenNames(before: Templates, after: Templates): Obstacle[] {
  const placesOf = (templates: Templates) =>
    new Map(
      resourcesOf(templates).flatMap(([stack, id, resource]): [string, string][] => {
        const name = physicalName(resource);
        return name === undefined ? [] : [[name, `${stack}/${id} ${resource.Type}`]];
      }),
    );
  const old = placesOf(before);
  return [...placesOf(after)]
    .filter(([name, place]) => old.has(name) && old.get(name) !== place)
    .map(([name]) => ({ kind: 'name', what: name }));
}

/** What a change would delete or replace although it is protected, or replace although its name is chosen. */
function forbiddenReplacements(before: Templates, after: Templates): Obstacle[] {
  const obstacles: Obstacle[] = [];
  for (const [stack, { Resources }] of Object.entries(before)) {
    const ids = Object.keys(Resources).filter((id) => {
      const resource = Resources[id];
      return resource && (isProtected(resource) || physicalName(resource) !== undefined);
    });
    const only = (all: Template['Resources'] = {}) => ({
      Resources: Object.fromEntries(ids.flatMap((id) => (all[id] ? [[id, all[id]]] : []))),
    });
    fullDiff(only(Resources), only(after[stack]?.Resources)).resources.forEachDifference((id, { changeImpact }) => {
      const resource = Resources[id] as Resource;
      const goes = [ResourceImpact.WILL_REPLACE, ResourceImpact.WILL_DESTROY].includes(changeImpact);
      if (goes && isProtected(resource)) obstacles.push({ kind: 'protection', what: `${stack}/${id}` });
      const name = physicalName(resource);
      const next = after[stack]?.Resources[id];
      if (changeImpact === ResourceImpact.WILL_REPLACE && name !== undefined && next && physicalName(next) === name) {
        obstacles.push({ kind: 'name', what: name });
      }
    });
  }
  return obstacles;
}

/** What stands in the way of deploying `after` over `before`. When a parameter refuses it, nothing else comes about. */
export function findObstacles(before: Templates, after: Templates): Obstacle[] {
  const refused = refusedParameters(before, after);
  if (refused.length > 0) return refused;
  return [missingExports, takenNames, forbiddenReplacements].flatMap((find) => find(before, after));
}
