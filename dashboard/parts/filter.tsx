import type { PageParameters, PageView } from '../../lambdas/contract/page-address.ts';
import { hrefOf, navigate } from '../router/address.ts';
import { Link } from '../router/link.tsx';
import { formatUtc } from '../words/format.ts';
import { type Choice, Select, TextField } from './fields.tsx';

export interface FilterField {
  readonly name: string;
  readonly label: string;
  /** What may be chosen; a field without is typed. The first is for all. */
  readonly choices?: readonly Choice[];
  readonly placeholder?: string;
}

interface FilterProps {
  readonly view: PageView;
  readonly parameters: PageParameters;
  readonly fields: readonly FilterField[];
  /** What an address may hold beside what the fields show; links from other views do. */
  readonly others?: readonly string[];
}

interface FieldProps {
  readonly field: FilterField;
  readonly initial: string;
  /** What is chosen holds at once; what is typed, when the form is sent. */
  readonly onChoice: (form: HTMLFormElement) => void;
}

const Field = ({ field: { choices, placeholder, ...named }, initial, onChoice }: FieldProps) =>
  choices ? (
    <Select {...named} choices={choices} initial={initial} onChoice={({ form }) => form && onChoice(form)} />
  ) : (
    <TextField {...named} initial={initial} placeholder={placeholder} />
  );

/** What narrows a list and has no field, with the way to leave it out. */
const Others = ({ view, parameters, others = [] }: FilterProps) => {
  const present = others.filter((name) => parameters[name] !== undefined);
  if (present.length === 0) return null;
  return (
    <p class="chips">
      {present.map((name) => {
        const value = String(parameters[name]);
        return (
          <Link key={name} to={view} parameters={{ ...parameters, [name]: undefined, after: undefined }} class="chip">
            {name.replaceAll('_', ' ')}: {name === 'from' || name === 'to' ? formatUtc(value) : value}
            <span class="visually-hidden"> (leave out)</span> <span aria-hidden="true">×</span>
          </Link>
        );
      })}
    </p>
  );
};

/** What else is no longer so when some fields are as they are written: the ends of a window of another length. */
const overruledBy = (written: PageParameters, parameters: PageParameters): PageParameters =>
  (written.minutes ?? '') === (parameters.minutes ?? '') ? {} : { from: undefined, to: undefined };

/**
 * The field of how long a window until now is, in minutes: the first choice is the one of an address that states no
 * window. Where it states the ends of one, which are shown below, no choice is what holds.
 */
export const windowField = (
  { minutes, from, to }: PageParameters,
  [[value, words], ...others]: readonly [Choice, ...Choice[]],
): FilterField => {
  const hasEnds = from !== undefined || to !== undefined;
  const isWritten = hasEnds || String(minutes) === value;
  const first: Choice = [isWritten ? value : '', words];
  return {
    name: 'minutes',
    label: 'Window',
    choices: hasEnds ? [['', 'As below'], first, ...others] : [first, ...others],
  };
};

/** Fields that narrow a list. What they hold is in the address, where a reload and whoever gets the link find it. */
export const Filter = (props: FilterProps) => {
  const { view, parameters, fields } = props;
  const apply = (form: HTMLFormElement) => {
    const written = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value).trim()]));
    navigate(hrefOf(view, { ...parameters, ...overruledBy(written, parameters), ...written, after: undefined }));
  };
  return (
    <>
      <form
        class="filter"
        onSubmit={(event) => {
          event.preventDefault();
          apply(event.currentTarget);
        }}
      >
        {fields.map((field) => (
          <Field key={field.name} field={field} initial={String(parameters[field.name] ?? '')} onChoice={apply} />
        ))}
        <button type="submit">Show</button>
      </form>
      <Others {...props} />
    </>
  );
};

/** The parameters of an address that narrow a list: those of its fields, others, and where it goes on. */
export const filtersIn = ({
  parameters,
  fields,
  others = [],
}: Pick<FilterProps, 'parameters' | 'fields' | 'others'>): PageParameters =>
  Object.fromEntries([...fields.map(({ name }) => name), ...others, 'after'].map((name) => [name, parameters[name]]));
