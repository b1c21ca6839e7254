import type { ComponentChildren } from 'preact';
import { useErrorBoundary } from 'preact/hooks';

/** What is around a view, so that one that cannot be shown takes nothing else with it. */
export const Guard = ({ children }: { children: ComponentChildren }) => {
  const [error] = useErrorBoundary();
  if (error === undefined) return <>{children}</>;
  return (
    <section class="empty">
      <h1>This view cannot be shown</h1>
      <p>
        The other views work. The page may be of another version than the server: reload it.{' '}
        <code>{String(error)}</code>
      </p>
    </section>
  );
};

/** What stands in the place of a view whose address does not say what it is about. */
export const Unnamed = ({ what }: { what: string }) => (
  <section class="empty">
    <h1>No {what} is named in this address</h1>
    <p>It may be cut off.</p>
  </section>
);
