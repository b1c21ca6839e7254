import type { ComponentChild } from 'preact';
import { Link } from '../router/link.tsx';
import { formatCount } from '../words/format.ts';
import { isOther, OTHER_WORDS } from '../words/terms.ts';

/** The name of a tool, which leads to it; and what it is that has no name of its own, unless that is said elsewhere. */
export const ToolName = ({ name, explains = true }: { name: string; explains?: boolean }) => (
  <>
    <Link to="tool" parameters={{ name }} class="name">
      {name}
    </Link>
    {explains && isOther(name) && <span class="note other"> {OTHER_WORDS.tool}</span>}
  </>
);

interface ProviderNameProps {
  readonly name: string;
  /** Of which of its calls; without it, of those of the last hour. */
  readonly window?: Readonly<Partial<Record<'minutes' | 'from' | 'to', string | undefined>>>;
}

/** The name of an outside service, which leads to it. */
export const ProviderName = ({ name, window }: ProviderNameProps) => (
  <Link to="providers" parameters={{ provider: name, ...window }}>
    {name}
  </Link>
);

/** The first names of so many in all, as they are shown, and how many more there are. */
export const FirstNames = ({ names, total }: { names: readonly ComponentChild[]; total: number }) => (
  <>
    {names.flatMap((name, at) => (at === 0 ? [name] : [', ', name]))}
    {total > names.length && ` and ${formatCount(total - names.length, 'more', 'more')}`}
  </>
);
