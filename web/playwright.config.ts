import { defineConfig } from '@playwright/test';
import { middayTimeZone } from './e2e/middayTimeZone';

/** Runs against a server that is already there: BASE_URL, or the one `make run` starts. No retries: a flaky test is a bug. */
export default defineConfig({
  testDir: 'e2e',
  // What is timed depends on what else the machine does: measured on demand, never a test.
  testMatch: process.env['MEASURE'] ? '**/*.measure.ts' : '**/*.spec.ts',
  timeout: 45_000,
  expect: { timeout: 10_000 },
  retries: 0,
  // Each test has an account of its own.
  workers: 2,
  reporter: [['list']],
  use: {
    baseURL: process.env['BASE_URL'] ?? 'http://127.0.0.1:7860',
    // What a service worker answers, no test could answer instead; its own tests allow it.
    serviceWorkers: 'block',
    timezoneId: middayTimeZone(),
    viewport: { width: 1280, height: 800 },
    launchOptions: {
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      // Containers run as root and have no sandbox; a page from the web may frame a server on this machine.
      args: ['--no-sandbox', '--disable-features=LocalNetworkAccessChecks'],
    },
    trace: 'off',
  },
});
