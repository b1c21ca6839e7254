import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { AccessRefused } from '../data/request.ts';

interface ActionFormProps {
  /** What the button says. */
  readonly action: string;
  /** Sends what is written; what it throws is shown. */
  readonly send: (written: FormData) => Promise<unknown>;
  readonly onDone: () => void;
  /** What is said once it is done. */
  readonly done: string;
  readonly children: ComponentChildren;
}

const explain = (error: unknown): string => {
  const message = error instanceof Error ? error.message : String(error);
  return error instanceof AccessRefused ? `Only an operator may do this. ${message}` : message;
};

/** Why something is changed, which the audit keeps. */
export const ReasonField = () => (
  <label class="wide-field">
    <span>Reason</span>
    <input name="reason" required maxLength={300} autocomplete="off" />
  </label>
);

/** Fields with a button that changes something. It says what became of it. */
export const ActionForm = ({ action, send, onDone, done, children }: ActionFormProps) => {
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
      setOutcome({ words: explain(error), isProblem: true });
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
      </button>
      <p class={outcome?.isProblem ? 'outcome problem' : 'outcome'} aria-live="polite">
        {outcome?.words}
      </p>
    </form>
  );
};
