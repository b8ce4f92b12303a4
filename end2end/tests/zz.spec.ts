import { test } from '../fixtures';
test('zz', async ({ world, portal }) => {
  portal.page.on('response', async (r) => { if (r.url().includes('/api/') || r.url().includes('wasm')) console.log(r.status(), r.url(), r.url().includes('api') ? await r.text() : ''); });
  portal.page.on('requestfailed', (r) => console.log('FAILED', r.url(), r.failure()?.errorText));
  const { link } = await world.mailed();
  await portal.open('/habilitar/email-evniado'.replace('evniado','enviado'));
  console.log(await portal.page.locator('leptos-island').evaluateAll((e) => e.map((x) => x.outerHTML)));
  await portal.page.waitForTimeout(7000);
  console.log(await portal.page.locator('leptos-island').evaluateAll((e) => e.map((x) => x.outerHTML)), await portal.page.evaluate(() => [document.hidden, document.documentElement.outerHTML.slice(0,200)]));
});
