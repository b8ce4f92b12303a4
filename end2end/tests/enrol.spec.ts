// The page with the QR code: what is on it, what it refuses, and to whom it shows the secret.
import { expect, test } from '../fixtures';
import { awake, TITLES } from '../support/portal';
import { decodeQr, secretOf } from '../support/qr';
import { states } from '../support/states';

const CODE_AGAIN = 'Digite o código outra vez: o que o aplicativo mostra agora.';

test.describe('the QR code is read off the screen', () => {
  for (const scheme of ['light', 'dark'] as const) {
    test(scheme, async ({ world, portal }) => {
      await portal.page.emulateMedia({ colorScheme: scheme });
      const { secret } = (await states.enrol(world)) as Record<string, string>;
      const uri = await decodeQr(portal.page);
      expect(secretOf(uri)).toBe(secret);
      expect(new URL(uri).searchParams.get('issuer')).toBe('e-Proc/JMU');
      const box = await portal.page.getByRole('img').boundingBox();
      expect(Math.min(box!.width, box!.height)).toBeGreaterThanOrEqual(220);
    });
  }
});

test('the key, the QR code and the link carry the same secret', async ({ world, portal }) => {
  const { secret } = (await states['enrol-folds-open'](world)) as Record<string, string>;
  const groups = portal.page.getByRole('list', { name: /chave/i }).getByRole('listitem');
  await expect(groups).toHaveText(secret.match(/.{4}/g)!);
  const app = portal.page.locator('a[href^="otpauth:"]');
  expect(secretOf((await app.getAttribute('href'))!)).toBe(secret);
});

test('the button copies the key and says so', { tag: '@js' }, async ({ world, portal }) => {
  await portal.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const { secret } = (await states['enrol-folds-open'](world)) as Record<string, string>;
  await portal.page.getByRole('button', { name: /copiar/i }).click();
  await expect(portal.page.getByRole('status').filter({ hasText: /copiada/i })).toBeVisible();
  expect(await portal.page.evaluate(() => navigator.clipboard.readText())).toBe(secret);
});

test('without scripts there is no dead button', { tag: '@nojs' }, async ({ world, portal }) => {
  await states['enrol-folds-open'](world);
  await expect(portal.page.getByRole('list', { name: /chave/i })).toBeVisible();
  await expect(portal.page.getByRole('button', { name: /copiar/i })).toBeHidden();
  await portal.page.context().clearCookies();
  await portal.open();
  await expect(portal.button('Mostrar a senha')).toBeHidden();
});

test('a wrong code keeps the address and the secret', async ({ world, portal, desk }) => {
  const { person, secret } = await world.enrolling();
  await portal.open('/habilitar');
  await portal.submitEnrolment(await desk.wrongCode(secret), person.email);
  await portal.complains({ code: 'O código não confere. Digite o código que o aplicativo mostra agora.' });
  await expect(portal.email).toHaveValue(person.email);
  await expect(portal.code).toHaveValue('');
  expect(secretOf(await decodeQr(portal.page))).toBe(secret);

  await portal.page.reload();
  expect(secretOf(await decodeQr(portal.page))).toBe(secret);
  await expect(portal.email).toHaveValue(person.email);
  await portal.submitEnrolment(await desk.code(secret), person.email);
  await portal.at(TITLES.mailSent);
});

test('going back keeps the secret', async ({ world, portal }) => {
  await world.signedIn();
  await portal.open('/habilitar/aviso');
  await portal.press('Prosseguir');
  const secret = secretOf(await decodeQr(portal.page));
  await portal.page.goBack();
  await portal.press('Prosseguir');
  await portal.at(TITLES.enrol);
  expect(secretOf(await decodeQr(portal.page))).toBe(secret);
});

test('a new sign-in in the same browser shows the same QR code, and none once it was accepted', async ({ world, portal, desk }) => {
  const { person, secret } = await world.enrolling();
  await world.robot().post('sign-out');
  await portal.open();
  await portal.signIn(person, 'Autenticação em dois fatores');
  await portal.press('Prosseguir');
  await portal.at(TITLES.enrol);
  expect(secretOf(await decodeQr(portal.page))).toBe(secret);
  await portal.submitEnrolment(await desk.code(secret), person.email);
  await portal.at(TITLES.mailSent);
  await portal.page.goBack();
  if (await portal.page.locator('svg.qr-image').count()) await portal.page.reload();
  await portal.open('/habilitar');
  await portal.at(TITLES.mailSent);
  expect(await portal.page.content()).not.toContain(secret);
});

test('what is typed is judged field by field', async ({ world, portal }) => {
  await world.enrolling();
  await portal.open('/habilitar');
  await portal.submitEnrolment('', '');
  await portal.complains({ code: 'Digite o código de 6 dígitos que o aplicativo mostra.', email: 'Digite o seu e-mail pessoal.' });
  await portal.page.getByRole('alert').getByRole('link').last().click();
  await expect(portal.email).toBeFocused();
  await portal.submitEnrolment('12345', 'ana@exemplo');
  await portal.complains({
    code: 'O código tem 6 dígitos. Digite só os números que o aplicativo mostra.',
    email: 'O endereço não está completo. Digite-o como nome@exemplo.com.',
  });
  await expect(portal.email).toHaveValue('ana@exemplo');
});

test('institutional addresses are refused, whatever the subdomain', async ({ world, portal, desk }) => {
  const { secret } = await world.enrolling();
  await portal.open('/habilitar');
  for (const [address, suffix] of [
    ['ana@stm.jus.br', 'jus.br'],
    ['ana@gov.br', 'gov.br'],
    ['Ana@Sub.Stm.JUS.br', 'jus.br'],
  ]) {
    await portal.submitEnrolment(await desk.code(secret), address);
    await portal.complains({
      code: CODE_AGAIN,
      email: `Endereços terminados em ${suffix} não são aceitos. Informe um e-mail particular.`,
    });
    await expect(portal.email).toHaveValue(address);
  }
});

test('a code pasted with a space is taken', async ({ world, portal, desk }) => {
  const { person, secret } = await world.enrolling();
  await portal.open('/habilitar');
  const code = await desk.code(secret);
  await portal.submitEnrolment(`${code.slice(0, 3)} ${code.slice(3)}`, person.email);
  await portal.at(TITLES.mailSent);
});

test('an address that looks mistyped is asked about, and taken when its owner insists', async ({ world, portal, desk }) => {
  const { person, secret } = await world.enrolling();
  const mistyped = `${person.sigla}@gmial.com`;
  await portal.open('/habilitar');
  await portal.submitEnrolment(await desk.code(secret), mistyped);
  await portal.complains({ code: CODE_AGAIN, email: `Confira o endereço: você quis dizer ${person.sigla}@gmail.com?` });
  const question = portal.page.getByRole('group', { name: 'Qual é o seu endereço?' });
  await question.getByRole('radio', { name: `${mistyped} está certo assim` }).check();
  await portal.code.fill('12');
  await portal.press('Enviar link de ativação');
  await portal.complains({ code: 'O código tem 6 dígitos. Digite só os números que o aplicativo mostra.' });
  await expect(question).toBeHidden();
  await portal.code.fill(await desk.code(secret));
  await portal.press('Enviar link de ativação');
  await portal.at(TITLES.mailSent);
  await portal.says(`Aguardando a confirmação em ${mistyped}`);
});

test('the address that was probably meant is one press away', async ({ world, portal, desk }) => {
  const { person, secret } = await world.enrolling();
  await portal.open('/habilitar');
  await portal.submitEnrolment(await desk.code(secret), `${person.sigla}@gmial.com`);
  await portal.page.getByRole('radio', { name: `Usar ${person.sigla}@gmail.com` }).check();
  await portal.code.fill(await desk.code(secret));
  await portal.press('Enviar link de ativação');
  await portal.at(TITLES.mailSent);
  await portal.says(`Aguardando a confirmação em ${person.sigla}@gmail.com`);
});

test('a phone whose clock is two minutes fast is told so', async ({ world, portal, desk }) => {
  const { person, secret } = await world.enrolling();
  await portal.open('/habilitar');
  await portal.submitEnrolment(await desk.code(secret, 120), person.email);
  await portal.complains({
    code: 'O código é de outro horário: o relógio do seu celular está cerca de 2 minutos adiantado. Ative a data e hora automáticas no celular e digite o novo código.',
  });
});

test('a new enrolment in another browser voids this one, and its page and link say so', async ({ world, portal }) => {
  const { person, secret } = await world.enrolling();
  await portal.open('/habilitar');
  const other = await world.otherBrowser();
  await other.open();
  await other.signIn(person, 'Autenticação em dois fatores');
  await other.says('Ao prosseguir, o QR code e os links anteriores deixam de valer.');
  await other.press('Prosseguir');
  await other.at(TITLES.enrol);
  expect(secretOf(await decodeQr(other.page))).not.toBe(secret);

  await portal.page.reload();
  await portal.at(TITLES.notice);
  await portal.complains({ '': 'Esta habilitação terminou ou foi substituída. Comece de novo.' });
});

test('the session can be made longer', async ({ world, portal, desk }) => {
  await world.enrolling();
  await portal.open('/habilitar');
  const until = portal.page.getByText('Por segurança, esta página vale até');
  await expect(until).toContainText('(em 30 minutos)');
  await desk.clock(10 * 60);
  await portal.page.reload();
  await expect(until).toContainText('(em 20 minutos)');
  await portal.email.fill('ana@mail.exam');
  await portal.press('Preciso de mais tempo');
  await expect(until).toContainText('(em 30 minutos)');
  const done = portal.page.getByText('Pronto: página válida até');
  await expect(done).toBeVisible();
  await expect(portal.page.locator('.note:focus')).toContainText('Pronto');
  await expect(portal.email).toHaveValue('ana@mail.exam');
});

test('five minutes before the end the page says so', { tag: ['@js', '@once'] }, async ({ world, portal }) => {
  await world.enrolling();
  await portal.page.clock.install();
  await portal.open('/habilitar');
  await awake(portal.page);
  const warning = portal.page.getByRole('status').filter({ hasText: 'Faltam menos de 5 minutos' });
  await portal.page.clock.fastForward('24:30');
  await expect(warning).toBeHidden();
  await portal.page.clock.fastForward('00:40');
  await expect(warning).toBeVisible();
});

test('cancelling signs out', async ({ world, portal }) => {
  await world.enrolling();
  await portal.open('/habilitar');
  await portal.press('Cancelar');
  await portal.at(TITLES.signIn);
  await portal.open('/habilitar');
  await portal.at(TITLES.signIn);
});
