import type { Incident } from '../../lambdas/contract/api/incidents.ts';
import { Time } from './time.tsx';

/** Who said last that they work on an incident, since when, and what others should know. */
export const WhoWorksOn = ({ incident: { acknowledged } }: { incident: Pick<Incident, 'acknowledged'> }) => {
  if (acknowledged === null) return <>nobody has said so</>;
  const { by, at, note } = acknowledged;
  return (
    <>
      {by} since <Time at={at} />
      {note !== null && `: ${note}`}
    </>
  );
};
