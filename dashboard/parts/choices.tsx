import type { PageParameters, PageView } from '../../lambdas/contract/page-address.ts';
import { Link } from '../router/link.tsx';

interface ChoicesProps {
  /** What is chosen, for those who do not see it. */
  readonly label: string;
  readonly view: PageView;
  readonly parameters: PageParameters;
  /** The parameter that the choice sets. */
  readonly name: string;
  /** The value and the words of each; an empty value leaves the parameter out. */
  readonly options: readonly (readonly [string, string])[];
}

/** Links that each set one parameter of the address, so that what is chosen can be sent to somebody else. */
export const Choices = ({ label, view, parameters, name, options }: ChoicesProps) => {
  const chosen = String(parameters[name] ?? '');
  return (
    <nav class="choices" aria-label={label}>
      {options.map(([value, words]) => (
        <Link key={value} to={view} parameters={{ ...parameters, [name]: value }} isCurrent={chosen === value}>
          {words}
        </Link>
      ))}
    </nav>
  );
};
