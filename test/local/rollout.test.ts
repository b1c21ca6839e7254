import { afterAll, beforeAll, expect, test } from 'vitest';
import { findResource, removeAction, type TemplateEdit } from '../../local/template-edits.ts';
import { prepareTemplate } from '../support/prepared-template.ts';

let template: Awaited<ReturnType<typeof prepareTemplate>>;
beforeAll(async () => {
  template = await prepareTemplate({ rollout: { kind: 'linear', percent: 20, everyMinutes: 2 } });
});
afterAll(() => template?.clear());

test('with a gradual rollout, tools are deployed and called by their alias', async () => {
  await template.withEdit(
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

const renameAlarm: TemplateEdit = (resources) => {
  const group = findResource(resources, 'AWS::CodeDeploy::DeploymentGroup', '"regex_search"');
  (group.Properties.AlarmConfiguration as { Alarms: { Name: unknown }[] }).Alarms = [{ Name: 'nobody' }];
};
test.each<[removed: string, edit: TemplateEdit, message: string]>([
  [
    'the permission to shift calls',
    removeAction('AWS::IAM::Role', 'Shifts calls', 'lambda:UpdateAlias'),
    'is not authorized to perform: lambda:',
  ],
  ['the alarm it waits for', renameAlarm, 'watches alarms that do not exist: nobody'],
])('without %s a deployment fails and says why', async (_, edit, message) => {
  await expect(template.withEdit(edit)).rejects.toThrow(message);
});
