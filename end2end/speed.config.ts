import config from './playwright.config';

// `make speed`: figures, not tests; one worker, so that nothing else runs beside what is measured
export default { ...config, testDir: '.', testMatch: 'speed.spec.ts', workers: 1, fullyParallel: false, timeout: 600_000, reporter: 'line', projects: [config.projects![1]] };
