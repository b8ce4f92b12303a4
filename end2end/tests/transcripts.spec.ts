// What a screen reader says on each page of the journey, as golden files in end2end/transcripts. A virtual screen reader is
// no substitute for a real one: it shows order, roles and names, not how NVDA or TalkBack speak them.
// After an intended change: npx playwright test transcripts --update-snapshots, and read the difference.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from '../fixtures';
import { speech } from '../support/reader';
import { states } from '../support/states';

const PAGES = [
  'sign-in', 'sign-in-empty', 'notice', 'enrol', 'enrol-two-errors', 'mail-sent', 'link', 'activated', 'activated-no-record',
  'code', 'code-wrong', 'home',
];

// the reader is put into the page as a script, which our policy forbids
test.use({ bypassCSP: true });

test.beforeEach(async ({ portal }) => {
  const path = fileURLToPath(import.meta.resolve('@guidepup/virtual-screen-reader/browser.js'));
  const body = await readFile(path, 'utf8');
  await portal.page.route('**/virtual-screen-reader.js', (route) => route.fulfill({ contentType: 'text/javascript', body }));
});

for (const name of PAGES) {
  test(name, { tag: '@once' }, async ({ world, portal }) => {
    const values = (await states[name](world)) ?? {};
    expect(await speech(portal.page, values)).toMatchSnapshot(`${name}.txt`);
  });
}
