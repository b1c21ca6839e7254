import type { ComponentChildren } from 'preact';

interface SectionProps {
  readonly title: string;
  /** What stands at the right of the title. */
  readonly aside?: ComponentChildren;
  readonly class?: string;
  readonly children: ComponentChildren;
}

const idOf = (title: string): string => `section-${title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`;

/** A part of a view under a heading. */
export const Section = ({ title, aside, class: className = '', children }: SectionProps) => (
  <section class={`section ${className}`} aria-labelledby={idOf(title)}>
    <div class="section-head">
      <h2 id={idOf(title)}>{title}</h2>
      {aside}
    </div>
    {children}
  </section>
);

/** A name with what is known of it. */
export const Facts = ({ facts }: { facts: readonly (readonly [string, ComponentChildren] | undefined)[] }) => (
  <dl class="facts">
    {facts.map(
      (fact) =>
        fact && (
          <div key={fact[0]}>
            <dt>{fact[0]}</dt>
            <dd>{fact[1]}</dd>
          </div>
        ),
    )}
  </dl>
);
