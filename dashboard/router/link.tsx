import type { ComponentChildren } from 'preact';
import type { PageParameters, PageView } from '../../lambdas/contract/page-address.ts';
import { hrefOf, navigate } from './address.ts';

interface LinkProps {
  readonly to: PageView;
  readonly parameters?: PageParameters;
  readonly class?: string | undefined;
  /** True where it leads to what is shown. */
  readonly isCurrent?: boolean;
  readonly children: ComponentChildren;
}

/** A link to a view. It is a link as any other: it opens in a new tab, can be copied, and works from the keyboard. */
export const Link = ({ to, parameters, class: className, isCurrent, children }: LinkProps) => {
  const href = hrefOf(to, parameters);
  return (
    <a
      href={href}
      class={className}
      aria-current={isCurrent ? 'page' : undefined}
      onClick={(event) => {
        const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
        if (!isPlain) return;
        event.preventDefault();
        navigate(href);
        scrollTo(0, 0);
      }}
    >
      {children}
    </a>
  );
};
