// What goes wrong between two pages of one document: nothing is lost or done twice, and the page says what is so.
import type { Route } from '@playwright/test';
import { expect, test } from '../fixtures';
import { Watch } from '../support/document';
import { PASSWORD } from '../support/people';
import { awake, TITLES } from '../support/portal';

const NO_ANSWER = 'O e-Proc não respondeu. Confira a conexão com a internet e tente de novo; o que você digitou continua aqui.';
const NOT_OURS = 'A resposta não veio do e-Proc: talvez a rede peça um acesso próprio, como em hotéis. O que você digitou continua aqui.';
const BUSY = 'O e-Proc está ocupado ou em manutenção. Aguarde um instante e tente de novo; o que você digitou continua aqui.';

test.describe('between two pages', { tag: '@js' }, () => {
  test.beforeEach(({ complaints }) => complaints.allow(/Failed to load resource|ERR_|request elsewhere: https:\/\/portal\.example/));

  const answers: Record<string, [(route: Route) => Promise<void>, string]> = {
    'no network': [(route) => route.abort('internetdisconnected'), NO_ANSWER],
    'a connection that ends': [(route) => route.abort('connectionreset'), NO_ANSWER],
    'a captive portal': [(route) => route.fulfill({ contentType: 'text/html', body: '<!DOCTYPE html><title>Wi-Fi</title><h1>Aceite os termos</h1><script>document.title = "ran"</script>' }), NOT_OURS],
    'JSON of somebody else': [(route) => route.fulfill({ json: { error: 'login required' } }), NOT_OURS],
    'nothing': [(route) => route.fulfill({ status: 200, body: '' }), NOT_OURS],
    'half an answer': [
      async (route) => {
        const answer = await route.fetch();
        await route.fulfill({ response: answer, body: (await answer.body()).subarray(0, 40) });
      },
      NOT_OURS,
    ],
    'a redirect': [(route) => route.fulfill({ status: 302, headers: { location: '/' } }), NOT_OURS],
    'a redirect to another origin': [(route) => route.fulfill({ status: 302, headers: { location: 'https://portal.example/' } }), NOT_OURS],
    'a proxy that refuses a long form': [(route) => route.fulfill({ status: 413, contentType: 'text/html', body: '<h1>413</h1>' }), NOT_OURS],
    'a proxy that slows down': [(route) => route.fulfill({ status: 429, contentType: 'text/html', body: '<h1>429</h1>' }), BUSY],
    'a proxy in front of nothing': [(route) => route.fulfill({ status: 503, contentType: 'text/html', body: '<h1>503</h1>' }), BUSY],
  };
  for (const [name, [answer, sentence]] of Object.entries(answers)) {
    test(`a form and ${name}`, async ({ world, portal }) => {
      const { page } = portal;
      const watch = new Watch(page);
      const person = await world.newPerson();
      await portal.open();
      await awake(page);
      await page.route('**/api/sign-in', answer, { times: 1 });
      await portal.signIn(person);
      const trouble = page.getByRole('alert');
      await expect(trouble).toContainText(sentence);
      await expect(trouble).toBeFocused();
      await expect(trouble).toBeInViewport();
      // the page and what was typed are as they were
      await expect(page).toHaveTitle('Entrar · e-Proc/JMU');
      expect(new URL(page.url()).pathname).toBe('/');
      await expect(portal.field('Usuário')).toHaveValue(person.sigla);
      await expect(page.locator('#password')).toHaveValue(PASSWORD);
      await expect(portal.button('Entrar')).toBeEnabled();
      await portal.press('Tentar de novo');
      await portal.at('Bem-vindo(a), Ana Souza');
      expect(watch.documents).toBe(1);
    });
  }

  test('a link without network, then with it', async ({ portal }) => {
    const { page } = portal;
    const watch = new Watch(page);
    await portal.open();
    await awake(page);
    await page.context().setOffline(true);
    await portal.follow('Privacidade');
    await expect(page.getByRole('alert')).toContainText(NO_ANSWER);
    expect(new URL(page.url()).pathname, 'the address changes after the answer only').toBe('/');
    await page.context().setOffline(false);
    await portal.press('Tentar de novo');
    await portal.at('Privacidade');
    expect(watch.documents).toBe(1);
  });

  test('Back without network stays on the page, and in its place in the history', async ({ portal }) => {
    const { page } = portal;
    await portal.open();
    await awake(page);
    await portal.follow('Privacidade');
    await portal.at('Privacidade');
    await page.context().setOffline(true);
    await page.evaluate(() => history.back());
    await expect(page.getByRole('alert')).toContainText(NO_ANSWER);
    await expect.poll(() => new URL(page.url()).pathname).toBe('/privacidade');
    await portal.at('Privacidade');
    await page.context().setOffline(false);
    await page.goBack();
    await portal.at(TITLES.signIn);
  });

  test('a link that a stranger answers is loaded as a document, which shows what he says', { tag: '@once' }, async ({ portal, complaints }) => {
    const { page } = portal;
    complaints.allow(/Content Security Policy/);
    await portal.open();
    await awake(page);
    await page.route('**/privacidade', (route) => route.fulfill({ contentType: 'text/html', body: '<!DOCTYPE html><title>Wi-Fi</title><h1>Aceite os termos</h1>' }));
    await portal.follow('Privacidade');
    await expect(page.getByRole('alert')).toContainText(NOT_OURS);
    await portal.press('Tentar de novo');
    await portal.at('Aceite os termos');
  });

  test('after 300 ms the button says that it works; pressing on does nothing twice', async ({ world, portal }) => {
    const { page } = portal;
    const watch = new Watch(page);
    const person = await world.newPerson();
    await portal.open();
    await awake(page);
    let release = () => {};
    const held = new Promise<void>((done) => (release = done));
    await page.route('**/api/sign-in', async (route) => {
      await held;
      await route.continue();
    });
    const button = page.locator('button[value=enter]');
    const before = await button.boundingBox();
    await portal.signIn(person);
    await expect(button).toHaveText('Aguarde…');
    await expect(button).toHaveAttribute('aria-busy', 'true');
    await expect(page.getByRole('status').filter({ hasText: 'Aguarde…' })).toBeAttached();
    expect(Math.round((await button.boundingBox())!.width), 'nothing beside it moves').toBe(Math.round(before!.width));
    await button.click();
    await page.locator('button[value=second-factor]').click();
    await page.locator('#password').press('Enter');
    release();
    await portal.at('Bem-vindo(a), Ana Souza');
    expect(watch.steps).toEqual(['POST /api/sign-in']);
  });

  test('a double click makes one request', async ({ world, portal }) => {
    const { page } = portal;
    const watch = new Watch(page);
    await world.signedIn();
    await portal.open('/habilitar/aviso');
    await awake(page);
    await portal.button('Prosseguir').dblclick();
    await portal.at(TITLES.enrol);
    expect(watch.steps).toEqual(['POST /api/enrolment-begin']);
  });

  test('an answer that never comes is given up', { tag: '@once' }, async ({ portal }) => {
    const { page } = portal;
    await page.clock.install();
    await portal.open();
    await awake(page);
    await page.route('**/privacidade', () => {});
    await portal.follow('Privacidade');
    await page.clock.fastForward(29_000);
    await expect(page.getByRole('alert')).toBeHidden();
    await page.clock.fastForward(2_000);
    await expect(page.getByRole('alert')).toContainText(NO_ANSWER);
  });

  test('offline in the middle of submitting: sent or not, the way goes on', async ({ world, portal, desk }) => {
    const { page } = portal;
    const { person, secret } = await world.enrolling();
    await portal.open('/habilitar');
    await awake(page);
    // the server does it, and its answer is lost
    await page.route(
      '**/api/enrolment-submit',
      async (route) => {
        await route.fetch();
        await route.abort('connectionreset');
      },
      { times: 1 },
    );
    await portal.submitEnrolment(await desk.code(secret), person.email);
    await expect(page.getByRole('alert')).toContainText(NO_ANSWER);
    await expect(portal.email).toHaveValue(person.email);
    await portal.press('Tentar de novo');
    await portal.at(TITLES.mailSent);
    await world.mailbox.take(person.email, 'Falta confirmar');
    await page.waitForTimeout(1_000);
    expect(world.mailbox.all.filter((mail) => mail.to === person.email), 'one mail').toHaveLength(1);
  });

  test('a page that goes on by itself says nothing while there is no network, and goes on after', async ({ world, portal }) => {
    const { page } = portal;
    const { link } = await world.mailed();
    await portal.open('/habilitar/email-enviado');
    await awake(page);
    let refused = 0;
    await page.route('**/ativada', async (route) => {
      refused++;
      await route.abort('internetdisconnected');
    });
    await world.robot(await world.otherBrowser()).confirm(link);
    await expect.poll(() => refused, { timeout: 10_000 }).toBeGreaterThan(1);
    await expect(page.getByRole('alert')).toBeHidden();
    await portal.at(TITLES.mailSent);
    await page.unrouteAll();
    await portal.at(TITLES.activated);
  });

  test('an answer that leads to another origin is followed by a document', { tag: '@once' }, async ({ world, portal, complaints }) => {
    const { page } = portal;
    const url = 'https://portal.example/entrar';
    const person = await world.newPerson();
    await portal.open();
    await awake(page);
    // as app::navigation writes it: the third variant, a length, a text
    await page.route('**/api/sign-in', (route) => route.fulfill({ contentType: 'application/x-postcard', body: Buffer.concat([Buffer.from([2, url.length]), Buffer.from(url)]) }));
    await page.route('https://portal.example/**', (route) => route.fulfill({ contentType: 'text/html', body: '<!DOCTYPE html><title>e-Proc</title><link rel="icon" href="data:,"><h1>e-Proc</h1>' }));
    complaints.allow(/portal\.example/);
    await portal.signIn(person);
    await portal.at('e-Proc');
    expect(page.url()).toBe(url);
  });

  test('two tabs of one journey', async ({ world, portal, desk }) => {
    const { page } = portal;
    const { person, secret } = await world.enrolling();
    await portal.open('/habilitar');
    await awake(page);
    const tab = await page.context().newPage();
    await tab.goto(`${portal.base}/habilitar`);
    await awake(tab);
    await portal.submitEnrolment(await desk.code(secret), person.email);
    await portal.at(TITLES.mailSent);
    await tab.locator('#code').fill(await desk.code(secret));
    // this test's own: the mailbox holds what earlier tests of the same worker were sent
    const other = `outra.${person.sigla}@mail.example`;
    await tab.locator('#email').fill(other);
    await tab.getByRole('button', { name: 'Enviar link de ativação' }).click();
    await expect(tab.getByRole('heading', { level: 1 })).toHaveText(TITLES.mailSent);
    await expect(tab.getByText(`Aguardando a confirmação em ${person.email}`)).toBeVisible();
    expect(world.mailbox.all.filter((mail) => mail.to === other)).toHaveLength(0);
  });

  test('a browser whose clock is a day off shows the server’s times', async ({ world, portal, desk }) => {
    const { page } = portal;
    await page.addInitScript(() => {
      const { now } = Date;
      Date.now = () => now() + 86_400_000;
    });
    await world.signedIn();
    await portal.open('/habilitar/aviso');
    await awake(page);
    await portal.press('Prosseguir');
    await portal.at(TITLES.enrol);
    const until = new Date(((await desk.now()) + 30 * 60) * 1000).toLocaleTimeString('pt-BR', { timeZone: 'America/Sao_Paulo', hour: '2-digit', minute: '2-digit' });
    await portal.says(`Por segurança, esta página vale até ${until} (em 30 minutos).`);
  });

  test('a form that is too long is answered by a page, and the way back by one', async ({ portal }) => {
    const { page } = portal;
    const watch = new Watch(page);
    await portal.open();
    await awake(page);
    await portal.field('Usuário').fill('a'.repeat(20_000));
    await page.locator('#password').fill('x');
    await portal.press('Entrar');
    await portal.at('Formulário incompleto');
    await expect(page.getByRole('heading', { level: 1 })).toBeFocused();
    expect(new URL(page.url()).pathname).toBe('/');
    await portal.follow('Ir para a tela de entrada');
    await portal.at(TITLES.signIn);
    expect(watch.documents).toBe(1);
  });

  test('a document of another release loads a new one, and loses nothing', async ({ world, portal }) => {
    const { page } = portal;
    const watch = new Watch(page);
    const person = await world.newPerson();
    await page.route(
      portal.base + '/',
      async (route) => {
        const answer = await route.fetch();
        await route.fulfill({ response: answer, body: (await answer.text()).replace(/data-release="[^"]*"/, 'data-release="/pkg/older.js"') });
      },
      { times: 1 },
    );
    await portal.open();
    await awake(page);
    await portal.signIn(person, 'Entrar', 'outra senha');
    await portal.complains({ login: 'Usuário ou senha não conferem. Tente de novo ou use “Esqueci minha senha”.' });
    await expect(portal.field('Usuário')).toHaveValue(person.sigla);
    expect(watch.documents).toBe(2);
    await awake(page);
    await portal.signIn(person);
    await portal.at('Bem-vindo(a), Ana Souza');
    expect(watch.documents).toBe(2);
  });

  test('after a trap in the wasm the pages are documents again', { tag: '@once' }, async ({ world, portal, complaints }) => {
    const { page } = portal;
    complaints.allow(/unreachable/);
    const watch = new Watch(page);
    const person = await world.newPerson();
    await portal.open();
    await awake(page);
    await page.evaluate(() => dispatchEvent(new ErrorEvent('error', { error: new WebAssembly.RuntimeError('unreachable') })));
    await portal.signIn(person);
    await portal.at('Bem-vindo(a), Ana Souza');
    expect(watch.documents).toBe(2);
    expect(watch.steps).toEqual([]);
  });

  test('a page with a secret is not kept for Back, and is asked for again', { tag: '@once' }, async ({ world, portal }) => {
    const { page } = portal;
    const { secret } = await world.enrolling();
    await portal.open('/habilitar');
    await awake(page);
    await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })));
    expect(await page.content()).not.toContain(secret);
    await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })));
    await portal.at(TITLES.enrol);
    expect(await page.content()).toContain(secret);
    // by moving, too
    await portal.follow('Privacidade');
    await portal.at('Privacidade');
    expect(await page.content()).not.toContain(secret);
    await page.goBack();
    await portal.at(TITLES.enrol);
    expect(await page.evaluate(() => JSON.stringify(history.state))).not.toContain(secret);
  });

  test('pages behind mailed links load no wasm and leave no token in the history', async ({ world, portal }) => {
    const { page } = portal;
    const { link } = await world.mailed();
    const token = link.slice(link.lastIndexOf('/') + 1);
    const files: string[] = [];
    page.on('request', (request) => files.push(new URL(request.url()).pathname));
    await portal.open(link);
    await portal.at(TITLES.link);
    expect(files.filter((file) => /wasm|boot/.test(file))).toEqual([]);
    await portal.press('Confirmar');
    await portal.at(TITLES.activated);
    await awake(page);
    expect(page.url()).not.toContain(token);
    const cdp = await page.context().newCDPSession(page);
    const { entries } = await cdp.send('Page.getNavigationHistory');
    expect(entries.map((entry) => entry.url).filter((url) => url.includes(token))).toEqual([]);
    await page.goBack();
    await portal.at('Link incompleto');
  });
});
