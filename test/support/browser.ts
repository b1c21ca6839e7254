import { type Browser, chromium } from 'playwright-core';
import { afterAll } from 'vitest';
import { findProgram } from './program.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'chrome'];

/** Without these, a browser in a closed network looks up its vendor's hosts again and again. */
const QUIET = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-quic'];

const chromiumPath = (): string => {
  const found = findProgram(process.env.CHROMIUM_PATH, ...NAMES);
  if (found) return found;
  throw new Error('No Chromium found. Install it (apt-get install chromium), or set CHROMIUM_PATH to one.');
};

/** Starts a headless Chromium for this test file. */
export const startBrowser = async (): Promise<Browser> => {
  const browser = await chromium.launch({
    executablePath: chromiumPath(),
    args: [...QUIET, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
  });
  afterAll(() => browser.close());
  return browser;
};
