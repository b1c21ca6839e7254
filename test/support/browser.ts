import { type Browser, chromium } from 'playwright-core';
import { afterAll } from 'vitest';
import { findProgram } from './program.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'chrome'];

/** Without these, a browser in a closed network looks up its vendor's hosts again and again. */
const QUIET = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-quic'];

/** The path of a Chromium; undefined where there is none. */
export const findChromium = (): string | undefined => findProgram(process.env.CHROMIUM_PATH, ...NAMES);

const chromiumPath = (): string => {
  const found = findChromium();
  if (found) return found;
  throw new Error('No Chromium found. Install it (apt-get install chromium), or set CHROMIUM_PATH to one.');
};

/** Starts a headless Chromium, which the test closes. */
export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: chromiumPath(),
    args: [...QUIET, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
  });

/** Starts a headless Chromium for this test file. */
export const startBrowser = async (): Promise<Browser> => {
  const browser = await launchBrowser();
  afterAll(() => browser.close());
  return browser;
};
