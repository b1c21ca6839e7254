import { useEffect, useState } from 'preact/hooks';

/** The colours of charts, by the names that the style sheet gives them. */
export type Colour = 'bar' | 'critical' | 'warning' | 'healthy' | 'accent' | 'accent-2' | 'muted' | 'line' | 'text';

/** What a colour is now, in the light or in the dark. */
export const colourOf = (name: Colour): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** Whether the reader's screen is dark; whoever uses it is rendered again when that changes. */
export const useIsDark = (): boolean => {
  const [isDark, setIsDark] = useState(() => matchMedia('(prefers-color-scheme: dark)').matches);
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const note = () => setIsDark(query.matches);
    query.addEventListener('change', note);
    return () => query.removeEventListener('change', note);
  }, []);
  return isDark;
};
