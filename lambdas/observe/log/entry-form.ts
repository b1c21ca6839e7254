/** A log entry before it is written: `level`, `message`, `timestamp`, `service`, and the keys of the call and its code. */
export type LogEntry = Readonly<Record<string, unknown>>;

/** The entry as it is to be written. Secrets are redacted afterwards. */
export type EntryForm = (entry: LogEntry) => LogEntry;

function unchanged(entry: LogEntry): LogEntry {
  return entry;
}
let form: EntryForm = unchanged;

/**
 * Gives all log entries of the process another form: other names, another order, another time format. Call lines keep
 * theirs. Without an argument, entries have their own form again.
 */
export function setEntryForm(change: EntryForm = unchanged): void {
  form = change;
}

/** The entry in the form that entries have. One whose form fails is written as it is. */
export function applyEntryForm(entry: LogEntry): LogEntry {
  try {
    const formed: unknown = form({ ...entry });
    return typeof formed === 'object' && formed !== null ? (formed as LogEntry) : entry;
  } catch {
    return entry;
  }
}
