import { MAX_ROWS } from '../../../lambdas/contract/answer-limits.ts';
import { formatPart } from '../../../lambdas/contract/percent.ts';
import type { ToolSinceDeployment } from '../../../lambdas/contract/reports.ts';
import { useAnswer } from '../../data/context.ts';
import { askDeployments } from '../../data/questions.ts';
import { ToolName } from '../../parts/name.tsx';
import { More, Nothing, Report } from '../../parts/report.tsx';
import { Section } from '../../parts/section.tsx';
import { useTitle } from '../../parts/shell.tsx';
import { joinKey, Table } from '../../parts/table.tsx';
import { Time } from '../../parts/time.tsx';
import { formatNumber } from '../../words/format.ts';

const rateDifference = (tool: ToolSinceDeployment): number =>
  (tool.failure_rate_pct ?? 0) - (tool.failure_rate_pct_before ?? 0);

const BeforeAndAfter = ({ tools }: { tools: readonly ToolSinceDeployment[] }) => (
  <Table
    title="Tools before and since the newest deployment"
    rows={[...tools].sort((a, b) => rateDifference(b) - rateDifference(a))}
    keyOf={({ tool_name }) => tool_name}
    columns={[
      { title: 'Tool', cell: ({ tool_name }) => <ToolName name={tool_name} /> },
      { title: 'Failed before', kind: 'number', cell: (tool) => formatPart(tool.failures_before, tool.calls_before) },
      { title: 'Failed since', kind: 'number', cell: (tool) => formatPart(tool.failures, tool.calls) },
      { title: 'Calls in the 24 h before', kind: 'number', cell: ({ calls_before }) => formatNumber(calls_before) },
      { title: 'Calls since', kind: 'number', cell: ({ calls }) => formatNumber(calls) },
    ]}
  />
);

/** What was deployed when, and how each tool did before and since the newest. */
export const DeploymentsView = () => {
  useTitle('Deployments');
  const report = useAnswer(askDeployments());
  return (
    <>
      <h1 class="view-title">Deployments</h1>
      <Report of={report}>
        {({ deployments, tools }) => (
          <>
            <Section title="Before and since the newest">
              {tools.length === 0 ? (
                <Nothing>No tool was called since, nor in the day before.</Nothing>
              ) : (
                <BeforeAndAfter tools={tools} />
              )}
              <p class="note">
                Failures are those that are not by callers’ faults. The tools that became worse are first.
              </p>
            </Section>
            <Section title="The newest first">
              {deployments.length === 0 ? (
                <Nothing>None is known.</Nothing>
              ) : (
                <Table
                  title="Deployments, the newest first"
                  rows={deployments}
                  keyOf={({ version, environment, started_at }) => joinKey(version, environment, started_at)}
                  columns={[
                    { title: 'Version', cell: ({ version }) => version },
                    { title: 'When', cell: ({ started_at }) => <Time at={started_at} /> },
                    { title: 'Environment', cell: ({ environment }) => environment },
                    { title: 'Migrations', kind: 'text', cell: ({ migrations }) => migrations.join(', ') || 'none' },
                  ]}
                />
              )}
              {deployments.length >= MAX_ROWS && <More>These are the newest {MAX_ROWS}.</More>}
            </Section>
          </>
        )}
      </Report>
    </>
  );
};
