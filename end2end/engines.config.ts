import config from './playwright.config';

// The journey in other engines than Chromium (.ci/engines): Firefox and WebKitGTK, driven by WebDriver. Playwright only runs the test
// and brings the application, the mail server and the people.
export default { ...config, testDir: '.', testMatch: 'engines.spec.ts', workers: 1, timeout: 120_000, projects: [{ name: 'engines' }] };
