import type { PageParameters, PageView } from '../../lambdas/contract/page-address.ts';
import { Link } from '../router/link.tsx';

interface PagesProps {
  readonly view: PageView;
  readonly parameters: PageParameters;
  /** Where the list goes on; null at its end. */
  readonly next: string | null;
}

/** The way to the rest of a list, and back to its beginning. The browser's own way back leads to the page before. */
export const Pages = ({ view, parameters, next }: PagesProps) => (
  <p class="pages">
    {parameters.after !== undefined && (
      <Link to={view} parameters={{ ...parameters, after: undefined }}>
        From the beginning
      </Link>
    )}
    {next !== null && (
      <Link to={view} parameters={{ ...parameters, after: next }}>
        Older ones
      </Link>
    )}
  </p>
);
