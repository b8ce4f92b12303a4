// Every sentence of the published manual stands literally on its screen. The list is the table of docs/manual.md itself.
import { expect, test } from '../fixtures';
import { hasTest, manual } from '../support/manual';
import { escaped } from '../support/portal';
import { unfoldQr } from '../support/qr';
import { states } from '../support/states';

for (const screen of new Set(manual.map((row) => row.screen))) {
  test(screen, { tag: '@js' }, async ({ world, portal }) => {
    const values = (await states[screen](world)) ?? {};
    // on a phone, which reads no code off its own screen, the sentences on the camera are folded with the QR code
    if (screen === 'enrol') await unfoldQr(portal.page);
    for (const { texts } of manual.filter((row) => row.screen === screen)) {
      for (const text of texts) {
        const filled = text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
        const shown = portal.page.getByText(new RegExp(escaped(filled))).filter({ visible: true });
        await expect(shown.first(), filled).toBeVisible();
      }
    }
  });
}

test('the table names tests that there are, and leaves no sentence out', { tag: '@once' }, () => {
  expect(manual.length).toBeGreaterThanOrEqual(25);
  for (const row of manual) {
    expect(row.texts.length, row.sentence).toBeGreaterThan(0);
    expect(states, row.sentence).toHaveProperty([row.screen]);
    expect(row.tests, row.sentence).toContain(`manual.spec.ts › ${row.screen}`);
    for (const reference of row.tests) expect(hasTest(reference), reference).toBe(true);
  }
});
