// The failed tests of a Playwright JSON report, each with where it stands and the first lines of its message, so that the
// end of a long log says what went wrong.
import { readFileSync } from 'node:fs';

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const plain = (text) => text.replace(/\u001b\[[0-9;]*m/g, '').split('\n').filter((line) => line.trim()).slice(0, 6).map((line) => line.slice(0, 200));

const visit = (suite) => {
  for (const spec of suite.specs ?? []) {
    for (const { projectName, results } of spec.tests) {
      const failure = results.find((result) => result.status !== 'passed' && result.status !== 'skipped');
      if (failure) console.log([`${projectName} › ${spec.file}:${spec.line} › ${spec.title}`, ...plain(failure.error?.message ?? failure.status)].join('\n   '));
    }
  }
  suite.suites?.forEach(visit);
};
report.suites.forEach(visit);
