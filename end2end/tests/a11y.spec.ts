// Every page in every state: axe, title, headings, 320 px, sizes of what is pressed.
import { expect, test } from '../fixtures';
import { expectAccessible } from '../support/axe';
import { states } from '../support/states';

// once per page is enough in the other language
const PAGES = [
  'sign-in', 'notice', 'enrol', 'mail-sent', 'change-address', 'link', 'link-unknown', 'denied', 'activated',
  'activated-no-record', 'code', 'sign-in-link', 'sign-in-link-done', 'home', 'account', 'not-me-started', 'not-me-password', 'reported', 'privacy', 'not-found',
  'codes', 'codes-made', 'codes-proof', 'new-phone', 'authenticators', 'sessions', 'history', 'block', 'blocked', 'lost-phone', 'lost-phone-asked',
  'stolen-phone', 'recovery-link', 'support-desk', 'entry', 'not-me-changed',
];

for (const [name, reach] of Object.entries(states)) {
  test(name, { tag: '@once' }, async ({ world, portal, complaints }) => {
    if (name === 'not-found') complaints.allow(/status of 404/);
    await reach(world);
    await expectAccessible(portal.page);
  });
}

test.describe('in English', () => {
  for (const name of PAGES) {
    test(name, { tag: '@once' }, async ({ world, portal, complaints }) => {
      if (name === 'not-found') complaints.allow(/status of 404/);
      await states[name](world);
      const address = portal.page.url();
      await portal.press('English');
      await expect(portal.page.locator('html')).toHaveAttribute('lang', 'en');
      await portal.open(address);
      await expectAccessible(portal.page, 'en');
    });
  }
});
