import { useContext } from 'preact/hooks';
import { PageContext, useAnswer } from '../../data/context.ts';
import { askErrorGroups, askFailures, askIncidents, askToolDetail } from '../../data/questions.ts';
import { CallsTable } from '../../parts/calls-table.tsx';
import { Choices } from '../../parts/choices.tsx';
import { GroupsTable } from '../../parts/groups-table.tsx';
import { Unnamed } from '../../parts/guard.tsx';
import { IncidentsTable } from '../../parts/incidents-table.tsx';
import { More, Nothing, Report } from '../../parts/report.tsx';
import { Section } from '../../parts/section.tsx';
import { useTitle } from '../../parts/shell.tsx';
import { Status } from '../../parts/status.tsx';
import type { ViewProps } from '../../router/address.ts';
import { Link } from '../../router/link.tsx';
import { useFleet } from '../../tools/fleet.ts';
import { findLeadingFault } from '../../tools/sort-causes.ts';
import { isOther, OTHER_WORDS } from '../../words/terms.ts';
import { ToolCallers, ToolFigures } from './figures.tsx';
import { FiringAlarms } from './firing-alarms.tsx';
import { RANGES, rangeOf } from './ranges.ts';
import { ToolTrend } from './trend.tsx';

/** How many of the latest failures are shown: most are the same, and the groups say so. */
const SHOWN_FAILURES = 10;
const SHOWN_GROUPS = 8;
const SHOWN_INCIDENTS = 10;

const ToolHead = ({ name }: { name: string }) => {
  const { tools } = useContext(PageContext);
  const fleet = useFleet();
  const known = fleet.tools.find(({ tool }) => tool.tool_name === name);
  const groups = useAnswer(askErrorGroups({ tool: name, limit: SHOWN_GROUPS })).answer?.groups ?? [];
  return (
    <>
      <h1 class="view-title">
        {name} {known && <Status status={known.status} />}
      </h1>
      {isOther(name) && <p class="note">{OTHER_WORDS.tool}</p>}
      {known && <p class="note">{known.status.note ?? known.tool.health_reason}</p>}
      {!known && tools.answer && <p class="note">No tool of this name was called in the last 24 hours.</p>}
      {known && <FiringAlarms firing={known.firing} fault={findLeadingFault(groups)} />}
    </>
  );
};

const ToolErrors = ({ name }: { name: string }) => {
  const groups = useAnswer(askErrorGroups({ tool: name, limit: SHOWN_GROUPS }));
  return (
    <Section
      title="How it fails"
      aside={
        <Link to="errors" parameters={{ tool: name }}>
          All of its errors
        </Link>
      }
    >
      <Report of={groups}>
        {({ groups: all, next }) =>
          all.length === 0 ? (
            <Nothing>No failure of {name} is known.</Nothing>
          ) : (
            <>
              <GroupsTable title={`How ${name} fails`} groups={all} withName={false} />
              {next !== null && <More>These are the {all.length} that were seen last.</More>}
            </>
          )
        }
      </Report>
    </Section>
  );
};

const ToolIncidents = ({ name }: { name: string }) => {
  const incidents = useAnswer(askIncidents({ tool: name, limit: SHOWN_INCIDENTS }));
  if (incidents.isForbidden) return null;
  return (
    <Section
      title="Incidents"
      aside={
        <Link to="incidents" parameters={{ tool: name }}>
          All of its incidents
        </Link>
      }
    >
      <Report of={incidents}>
        {({ incidents: all, next }) =>
          all.length === 0 ? (
            <Nothing>None in the last 30 days.</Nothing>
          ) : (
            <>
              <IncidentsTable title={`Incidents of ${name}`} incidents={all} />
              {next !== null && <More>These are the newest {all.length}.</More>}
            </>
          )
        }
      </Report>
    </Section>
  );
};

const LatestFailures = ({ name }: { name: string }) => {
  const failures = useAnswer(askFailures({ tool: name, minutes: 1_440, limit: SHOWN_FAILURES }));
  return (
    <Section
      title="Latest failures"
      aside={
        <Link to="calls" parameters={{ tool: name, success: 'false', minutes: 1_440 }}>
          All failed calls
        </Link>
      }
    >
      <Report of={failures}>
        {({ failures: all }) =>
          all.length === 0 ? (
            <Nothing>No call of {name} failed in the last 24 hours.</Nothing>
          ) : (
            <>
              <CallsTable
                title={`Latest failures of ${name}`}
                calls={all.map((failure) => ({ ...failure, name: failure.tool_name, success: false }))}
                withName={false}
              />
              {all.length >= SHOWN_FAILURES && <More>These are the newest {SHOWN_FAILURES}.</More>}
            </>
          )
        }
      </Report>
    </Section>
  );
};

/** One tool: how it is, its trend with deployments and limits, how it fails, its incidents and its latest failures. */
export const ToolView = ({ parameters }: ViewProps) => {
  const { name = '', hours } = parameters;
  useTitle(name === '' ? 'Tool' : name);
  const detail = useAnswer(name === '' ? undefined : askToolDetail(name));
  if (name === '') return <Unnamed what="tool" />;
  return (
    <>
      <ToolHead name={name} />
      {!detail.isMissing && <Report of={detail}>{(known) => <ToolFigures detail={known} />}</Report>}
      <p class="links">
        <Link to="kpis" parameters={{ tool: name }}>
          What it reports
        </Link>
      </p>
      <Section
        title="Trend"
        aside={
          <Choices
            label="Range"
            view="tool"
            parameters={{ ...parameters, hours: hours ?? '24' }}
            name="hours"
            options={RANGES.map(({ hours: length, words }) => [String(length), words] as const)}
          />
        }
      >
        <ToolTrend name={name} range={rangeOf(hours)} detail={detail.answer} />
      </Section>
      <ToolErrors name={name} />
      {detail.answer && <ToolCallers name={name} detail={detail.answer} />}
      <ToolIncidents name={name} />
      <LatestFailures name={name} />
    </>
  );
};
