// Cookies and sessions, as a browser keeps them.
import { expect, test } from '../fixtures';
import { TITLES } from '../support/portal';

test('cookies carry the instance, HttpOnly and SameSite=Lax', async ({ world, portal, desk }) => {
  const { page } = portal;
  const { person, secret, link } = await world.mailed();
  await portal.open(link);
  await portal.press('Confirmar');
  await portal.at(TITLES.activated);
  await portal.open();
  await portal.signIn(person, 'Entrar', 'outra senha');
  await page.getByRole('alert').waitFor();
  await portal.press('English');
  await portal.press('Português');
  await portal.signIn(person);
  await portal.enterCode(await desk.nextCode(secret));
  await portal.at('Bem-vindo(a), Ana Souza');
  const cookies = await page.context().cookies();
  expect(cookies.map((cookie) => cookie.name).sort()).toEqual(['jmu-browser', 'jmu-enrolment', 'jmu-language', 'jmu-receipt', 'jmu-session']);
  for (const cookie of cookies) {
    expect(cookie, cookie.name).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/', secure: false, domain: '127.0.0.1' });
    if (cookie.name !== 'jmu-language') expect(cookie.value, cookie.name).toMatch(/^[\w-]{43}$/);
  }
  expect(await page.evaluate(() => document.cookie)).toBe('');
});

test('two instances on one host do not sign each other out', async ({ world, portal, demo }) => {
  const person = await world.newPerson({ stm: 'same' });
  for (const base of [demo.jmu, demo.stm]) {
    await portal.open(base);
    await portal.signIn(person);
    await portal.at('Bem-vindo(a), Ana Souza');
  }
  for (const [base, label] of [[demo.jmu, 'e-Proc/JMU'], [demo.stm, 'e-Proc/STM']]) {
    await portal.open(`${base}/inicio`);
    await portal.says(`Você entrou no ${label}.`);
  }
});

test('a cookie kept over the sign-out opens nothing', async ({ world, portal }) => {
  const context = portal.page.context();
  await world.home();
  await portal.open('/inicio');
  const kept = await context.cookies();
  await portal.press('Sair');
  await portal.at(TITLES.signIn);
  await context.clearCookies();
  await context.addCookies(kept);
  await portal.open('/inicio');
  await portal.at(TITLES.signIn);
});

test('every elevation gives a new session, and the old one is dead', async ({ world, portal, desk }) => {
  const context = portal.page.context();
  const session = async () => (await context.cookies()).find((cookie) => cookie.name === 'jmu-session')!;
  const { person, secret } = await world.active();
  await world.robot().signIn(person, 'enter');
  const before = await session();
  await portal.open('/entrar/codigo');
  await portal.enterCode(await desk.nextCode(secret));
  await portal.at('Bem-vindo(a), Ana Souza');
  expect((await session()).value).not.toBe(before.value);
  await context.addCookies([before]);
  await portal.open('/inicio');
  await portal.at(TITLES.signIn);
});

test('a session ends after half an hour without use, and what was typed says why', async ({ world, portal, desk }) => {
  await world.home();
  await portal.open('/inicio');
  await desk.clock(31 * 60);
  await portal.page.reload();
  await portal.at(TITLES.signIn);

  const { secret } = await world.enrolling();
  await portal.open('/habilitar');
  await desk.clock(31 * 60);
  await portal.submitEnrolment(await desk.code(secret), 'ana@mail.example');
  await portal.at(TITLES.signIn);
  await portal.complains({ '': 'O tempo para concluir terminou. Informe usuário e senha de novo para continuar.' });
});

test('a form of another site is refused', { tag: '@once' }, async ({ world, portal, request }) => {
  await world.home();
  for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site', origin: portal.base }, {}]) {
    const answer = await request.post(`${portal.base}/api/sign-out`, { form: {}, headers: { accept: 'text/html', ...headers } as Record<string, string> });
    expect(answer.status()).toBe(403);
    expect(await answer.text()).toContain('Pedido recusado');
  }
  await portal.open('/inicio');
  await portal.at('Bem-vindo(a), Ana Souza');
});

test('the sign-in page is small: at most 6 requests, HTML and CSS within 14 kB', { tag: '@once' }, async ({ portal, page }) => {
  const cdp = await page.context().newCDPSession(page);
  const urls = new Map<string, string>();
  const sizes = new Map<string, number>();
  cdp.on('Network.requestWillBeSent', ({ requestId, request }) => urls.set(requestId, request.url));
  cdp.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => sizes.set(urls.get(requestId) ?? requestId, encodedDataLength));
  await cdp.send('Network.enable');
  await cdp.send('Network.setCacheDisabled', { cacheDisabled: true });
  await portal.open();
  await expect(page.locator('html')).toHaveAttribute('data-awake', '');
  test.skip([...urls.values()].some((url) => url.endsWith('/pkg/eproc-2fa.css')), 'a development build is not compressed');
  const report = [...sizes].map(([url, size]) => `${new URL(url).pathname} ${size}`).join('\n');
  expect(urls.size, report).toBeLessThanOrEqual(6);
  const first = [...sizes].filter(([url]) => url === `${portal.base}/` || url.endsWith('.css'));
  expect(first.length, report).toBe(2);
  expect(first.reduce((total, [, size]) => total + size, 0), report).toBeLessThanOrEqual(14 * 1024);
});

test('answers carry the policy that the browser enforces', { tag: '@once' }, async ({ world, portal }) => {
  await world.enrolling();
  const headers = (await portal.page.goto(`${portal.base}/habilitar`))!.headers();
  expect(headers['content-security-policy']).toBe(
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; font-src 'self'; " +
      "connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'",
  );
  expect(headers['cache-control']).toBe('no-store, no-transform');
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(headers['referrer-policy']).toBe('same-origin');
  expect(headers['cross-origin-opener-policy']).toBe('same-origin');
  expect(headers['content-encoding']).toBeUndefined();
});
