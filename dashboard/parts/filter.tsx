import type { PageParameters, PageView } from '../../lambdas/contract/page-address.ts';
import { hrefOf, navigate } from '../router/address.ts';

export interface FilterField {
  readonly name: string;
  readonly label: string;
  /** What may be chosen; a field without is typed. The first is for all. */
  readonly options?: readonly (readonly [string, string])[];
  readonly placeholder?: string;
}

interface FilterProps {
  readonly view: PageView;
  readonly parameters: PageParameters;
  readonly fields: readonly FilterField[];
}

interface FieldProps {
  readonly field: FilterField;
  readonly value: string;
  /** What is chosen holds at once; what is typed, when the form is sent. */
  readonly onChoice: (form: HTMLFormElement) => void;
}

const Field = ({ field: { name, label, options, placeholder }, value, onChoice }: FieldProps) => {
  const id = `filter-${name}`;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {options ? (
        <select id={id} name={name} value={value} onChange={({ currentTarget: { form } }) => form && onChoice(form)}>
          {options.map(([option, words]) => (
            <option key={option} value={option} selected={option === value}>
              {words}
            </option>
          ))}
        </select>
      ) : (
        <input id={id} name={name} value={value} placeholder={placeholder} autocomplete="off" />
      )}
    </div>
  );
};

/** Fields that narrow a list. What they hold is in the address, where a reload and whoever gets the link find it. */
export const Filter = ({ view, parameters, fields }: FilterProps) => {
  const apply = (form: HTMLFormElement) => {
    const written = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value).trim()]));
    navigate(hrefOf(view, { ...parameters, ...written, after: undefined }));
  };
  return (
    <form
      class="filter"
      onSubmit={(event) => {
        event.preventDefault();
        apply(event.currentTarget);
      }}
    >
      {fields.map((field) => (
        <Field key={field.name} field={field} value={String(parameters[field.name] ?? '')} onChoice={apply} />
      ))}
      <button type="submit">Show</button>
    </form>
  );
};
