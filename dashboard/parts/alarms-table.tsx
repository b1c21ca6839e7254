import type { AlarmReport } from '../../lambdas/contract/alarms/alarms-report.ts';
import { ProviderName, ToolName } from './name.tsx';
import { Badge } from './status.tsx';
import { Table } from './table.tsx';
import { Ago } from './time.tsx';

const About = ({ alarm: { tool, provider } }: { alarm: AlarmReport }) => {
  if (tool !== null) return <ToolName name={tool} />;
  return provider === null ? <>–</> : <ProviderName name={provider} />;
};

/** Alarms as CloudWatch has them now. */
export const AlarmsTable = ({ alarms }: { alarms: readonly AlarmReport[] }) => (
  <Table
    title="Alarms"
    rows={alarms}
    keyOf={({ cloudwatch_name }) => cloudwatch_name}
    columns={[
      {
        title: 'Alarm',
        kind: 'text',
        cell: ({ name, means }) => (
          <>
            <code>{name}</code> <span class="note below">{means}</span>
          </>
        ),
      },
      {
        title: 'State',
        cell: ({ state, severity }) => (
          <Badge tone={{ firing: severity, ok: 'healthy', no_data: 'quiet' }[state]}>{state.replace('_', ' ')}</Badge>
        ),
      },
      { title: 'Since', cell: ({ since }) => <Ago at={since} /> },
      { title: 'About', cell: (alarm) => <About alarm={alarm} /> },
      { title: 'Why', kind: 'text', cell: ({ reason }) => reason },
      {
        title: 'What to do',
        kind: 'text',
        cell: ({ runbook: { advice, url, heading } }) => (
          <>
            {advice}{' '}
            {url === null ? (
              <code>{heading}</code>
            ) : (
              <a href={url} rel="noreferrer">
                Runbook
              </a>
            )}
          </>
        ),
      },
    ]}
  />
);
