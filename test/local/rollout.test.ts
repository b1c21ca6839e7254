import { afterAll, beforeAll, expect, test } from 'vitest';
import { findResource, removeAction, type TemplateEdit } from '../../local/template-edits.ts';
import { prepareTemplate } from '../support/prepared-template.ts';

let table: Awaited<ReturnType<typeof prepareTemplate>>;
beforeAll(async () => {
  table = await prepareTemplate({ rollout: { kind: 'linear', percent: 20, everyMinutes: 2 } });
});
afterAll(() => table?.clear());

test('tools whose calls shift gradually are deployed, and called by their alias', async () => {
  await table.without(
    () => {},
    async (cloud, { refusals }) => {
      const { payload } = await cloud.lambda.invoke({
        principal: { role: cloud.lambda.functionOf('toolwatch-gateway').latest.configuration.role },
        function: 'toolwatch-tool-regex_search:live',
        event: JSON.stringify({ pattern: 'a', text: 'a' }),
      });
      expect(JSON.parse(payload)).toMatchObject({ matches: expect.anything() });
      await expect(
        cloud.lambda.invoke({
          principal: { role: cloud.lambda.functionOf('toolwatch-gateway').latest.configuration.role },
          function: 'toolwatch-tool-regex_search',
          event: '{}',
        }),
      ).rejects.toMatchObject({ code: 'AccessDeniedException' });
      expect(refusals.map(({ action }) => action)).toEqual(['lambda:InvokeFunction']);
    },
  );
});

const renamed: TemplateEdit = (resources) => {
  const group = findResource(resources, 'AWS::CodeDeploy::DeploymentGroup', '"regex_search"');
  (group.Properties.AlarmConfiguration as { Alarms: { Name: unknown }[] }).Alarms = [{ Name: 'nobody' }];
};
test.each<[what: string, cut: TemplateEdit, words: string]>([
  [
    'the right to shift',
    removeAction('AWS::IAM::Role', 'Shifts calls', 'lambda:UpdateAlias'),
    'is not authorized to perform: lambda:',
  ],
  ['the alarm it waits for', renamed, 'waits for alarms that are not there: nobody'],
])('without %s a deployment says so', async (_, cut, words) => {
  await expect(table.without(cut)).rejects.toThrow(words);
});
