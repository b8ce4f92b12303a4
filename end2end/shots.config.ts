import { defineConfig } from '@playwright/test';
import tests from './playwright.config';

// Not a test: draws every page in every state, and then puts all of them on one sheet. Run by shots.mjs.
export default defineConfig({
  ...tests,
  testDir: '.',
  testMatch: 'shots.spec.ts',
  reporter: 'line',
  timeout: 60_000,
  projects: [
    { name: 'pages', grep: /@pages/, teardown: 'sheet' },
    { name: 'sheet', grep: /@sheet/ },
  ],
});
