import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { TextField } from './fields.tsx';

interface ActionFormProps {
  /** What the button says. */
  readonly action: string;
  /** What it is done to, for those who do not see what is beside the button. */
  readonly to?: string;
  /** Sends what is written; what it throws is shown. */
  readonly send: (written: FormData) => Promise<unknown>;
  readonly onDone: () => void;
  /** What is said once it is done. */
  readonly done: string;
  readonly children?: ComponentChildren;
}

/** Why something is changed. The audit stores it. */
export const ReasonField = () => <TextField isWide label="Reason" name="reason" required maxLength={300} />;

/** A note to others about a change that needs no reason. */
export const NoteField = () => <TextField isWide label="Note for others (optional)" name="note" maxLength={300} />;

/** Fields with a button that changes something. Below it stands whether that succeeded. */
export const ActionForm = ({ action, to, send, onDone, done, children }: ActionFormProps) => {
  const [outcome, setOutcome] = useState<{ words: string; isProblem: boolean }>();
  const [isBusy, setIsBusy] = useState(false);
  const submit = async (form: HTMLFormElement): Promise<void> => {
    setIsBusy(true);
    try {
      await send(new FormData(form));
      setOutcome({ words: done, isProblem: false });
      form.reset();
      onDone();
    } catch (error) {
      setOutcome({ words: error instanceof Error ? error.message : String(error), isProblem: true });
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <form
      class="action"
      onSubmit={(event) => {
        event.preventDefault();
        void submit(event.currentTarget);
      }}
    >
      {children}
      <button type="submit" disabled={isBusy}>
        {action}
        {to !== undefined && <span class="visually-hidden"> ({to})</span>}
      </button>
      <p class={outcome?.isProblem ? 'outcome problem' : 'outcome'} aria-live="polite">
        {outcome?.words}
      </p>
    </form>
  );
};
