import { useId, useLayoutEffect, useRef } from 'preact/hooks';

/**
 * Fields that hold what a person writes or chooses, whatever is rendered meanwhile. A field holds `initial` at first, and
 * when that becomes another.
 */

/** The value and the words of each choice. */
export type Choice = readonly [value: string, words: string];

/** Values as they are chosen, after a choice of all; in other words where there are any. */
export const choicesOf = (
  all: string,
  values: readonly string[],
  words: Readonly<Record<string, string>> = {},
): Choice[] => [['', all], ...values.map((value): Choice => [value, words[value] ?? value])];

/** What is written in a field of a form, without the space around it; undefined where nothing is. */
export const textIn = (written: FormData, name: string): string | undefined => {
  const text = String(written.get(name) ?? '').trim();
  return text === '' ? undefined : text;
};

interface FieldProps {
  readonly label: string;
  readonly name?: string;
  readonly initial?: string;
}

interface SelectProps extends FieldProps {
  readonly choices: readonly Choice[];
  readonly onChoice?: (select: HTMLSelectElement) => void;
}

/** Some choices, of which one is chosen. */
export const Select = ({ label, name, choices, initial, onChoice }: SelectProps) => {
  const id = useId();
  const field = useRef<HTMLSelectElement>(null);
  useLayoutEffect(() => {
    if (!field.current || initial === undefined) return;
    // What a form goes back to when it is reset.
    for (const option of field.current.options) option.defaultSelected = option.value === initial;
    field.current.value = initial;
  }, [initial]);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select ref={field} id={id} name={name} onChange={({ currentTarget }) => onChoice?.(currentTarget)}>
        {choices.map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
};

interface TextFieldProps extends FieldProps {
  readonly isWide?: boolean;
  readonly placeholder?: string | undefined;
  readonly required?: boolean;
  readonly maxLength?: number;
}

/** A line of text. */
export const TextField = ({ label, isWide = false, initial = '', ...attributes }: TextFieldProps) => {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    if (field.current) field.current.value = initial;
  }, [initial]);
  return (
    <div class={isWide ? 'field wide' : 'field'}>
      <label for={id}>{label}</label>
      <input ref={field} id={id} defaultValue={initial} autocomplete="off" {...attributes} />
    </div>
  );
};
