import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

// Every journey runs in four projects: wide and phone-sized, with JavaScript and without.
// A test says in its tags where it is meaningful only in some of them:
//   @js, @nojs      with (without) JavaScript only
//   @desktop        wide only; @phone: phone only
//   @once           in the project "desktop" only
const desktop = { viewport: { width: 1280, height: 900 } };
const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };
const noJs = { javaScriptEnabled: false };
// .ci/env names the machine's browser; under plain `cargo leptos end-to-end` Debian's is looked for, then Playwright's own
const browser = process.env.CHROMIUM || ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'].find((path) => existsSync(path));

export default defineConfig({
  testDir: 'tests',
  outputDir: 'results',
  snapshotPathTemplate: '{testDir}/../transcripts/{arg}{ext}',
  fullyParallel: true,
  forbidOnly: !!process.env.CI,
  retries: 0,
  workers: 2,
  timeout: 30_000,
  expect: { timeout: 5_000 },
  reporter: 'list',
  use: {
    locale: 'pt-BR',
    timezoneId: 'America/Sao_Paulo',
    trace: 'off',
    screenshot: 'off',
    video: 'off',
    actionTimeout: 5_000,
    navigationTimeout: 10_000,
    launchOptions: {
      executablePath: browser,
      chromiumSandbox: process.getuid?.() !== 0,
      args: ['--disable-background-networking', '--disable-component-update', '--disable-domain-reliability', '--no-first-run'],
    },
  },
  projects: [
    { name: 'desktop', use: desktop, grepInvert: /@nojs|@phone/ },
    { name: 'phone', use: phone, grepInvert: /@nojs|@desktop|@once/ },
    { name: 'desktop-nojs', use: { ...desktop, ...noJs }, grepInvert: /@js|@phone|@once/ },
    { name: 'phone-nojs', use: { ...phone, ...noJs }, grepInvert: /@js|@desktop|@once/ },
  ],
});
