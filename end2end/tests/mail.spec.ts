// The page that waits for the link, and what can be done meanwhile.
import { expect, test } from '../fixtures';
import { TITLES } from '../support/portal';

const WAITING = '/habilitar/email-enviado';

test('says when the mail server took the mail', async ({ world, portal, desk, javaScriptEnabled }) => {
  await world.mailed();
  const clock = new Date((await desk.now()) * 1000).toLocaleTimeString('pt-BR', { timeZone: 'America/Sao_Paulo', timeStyle: 'short' });
  const hours = clock.slice(0, 2);
  const sent = portal.page.getByText(new RegExp(`^Enviado às ${hours}:\\d\\d\\.$`));
  await portal.open(WAITING);
  if (javaScriptEnabled) {
    await expect(sent).toBeVisible();
    return;
  }
  // the mailbox has the mail a moment before the outbox has the server's answer, and this page does not ask by itself
  await expect(async () => {
    await portal.open(WAITING);
    await expect(sent).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 5_000 });
});

test('a mail server that is busy is tried again, and the page says so', async ({ world, portal, desk }) => {
  world.mailbox.busy = true;
  const { person, secret } = await world.enrolling();
  await world.robot().submit(await desk.code(secret), person.email);
  await portal.open(WAITING);
  const shows = (text: string) => async () => {
    if (!portal.script) await portal.page.locator('main a.button:not(.quiet)').click();
    await expect(portal.page.getByText(text)).toBeVisible({ timeout: 3_000 });
  };
  await expect(shows('O servidor de correio não aceitou o e-mail. Tentaremos de novo.')).toPass();
  // the page is another one meanwhile, and nobody pressed anything
  await portal.at('O e-mail ainda não saiu');
  world.mailbox.busy = false;
  await desk.clock(60);
  await world.mailbox.take(person.email, 'Falta confirmar');
  await expect(shows('Enviado às')).toPass();
  await portal.at(TITLES.mailSent);
});

test('another mail may be asked for after a minute; both links work until one is used', async ({ world, portal, desk }) => {
  const { person, link } = await world.mailed();
  await portal.open(WAITING);
  await portal.press('Enviar novo e-mail');
  await portal.at(TITLES.mailSent);
  const summary = portal.page.getByRole('alert');
  await expect(summary).toBeFocused();
  await expect(summary).toContainText(/Um novo e-mail só pode ser enviado às \d\d:\d\d \(em (?:\d+ segundos|1 minuto)\)\./);
  await expect(portal.page.getByText(/^Um novo e-mail pode ser enviado a partir de/)).toBeVisible();

  await desk.clock(61);
  await portal.page.reload();
  await expect(portal.page.getByText(/^Um novo e-mail pode ser enviado a partir de/)).toHaveCount(0);
  await portal.press('Enviar novo e-mail');
  const again = await world.mailbox.take(person.email, 'Falta confirmar');
  expect(again.link).not.toBe(link);
  await portal.open(link);
  await portal.at(TITLES.link);
  await portal.open(again.link);
  await portal.press('Confirmar');
  await portal.at(TITLES.activated);
  await portal.open(link);
  await portal.at('Link já usado');
});

test('the address can be corrected; the old link says so', async ({ world, portal, desk }) => {
  const { person, link } = await world.mailed();
  await desk.clock(61);
  await portal.open(WAITING);
  await portal.follow('Corrigir o endereço');
  await portal.at(TITLES.changeAddress);
  await expect(portal.email).toHaveValue(person.email);
  await portal.email.fill('ana@mpm.mp.gov.br');
  await portal.press('Enviar para este endereço');
  await portal.complains({ email: 'Endereços terminados em gov.br não são aceitos. Informe um e-mail particular.' });
  await expect(portal.email).toHaveValue('ana@mpm.mp.gov.br');
  const better = `certa.${person.email}`;
  await portal.email.fill(better);
  await portal.press('Enviar para este endereço');
  await portal.says(`Aguardando a confirmação em ${better}`);

  const mail = await world.mailbox.take(better, 'Falta confirmar');
  await portal.open(link);
  await portal.says('Use o link enviado ao novo endereço ou entre para receber outro.');
  await portal.open(mail.link);
  await portal.press('Confirmar');
  await portal.at(TITLES.activated);
});

test('cancelling ends the enrolment; its link says so', async ({ world, portal }) => {
  const { link } = await world.mailed();
  await portal.open(WAITING);
  await portal.press('Cancelar');
  await portal.at(TITLES.signIn);
  await portal.open(link);
  await portal.at('Habilitação cancelada');
});

test('starting over shows a new QR code; the old link says so', async ({ world, portal }) => {
  const { secret, link } = await world.mailed();
  await portal.open(WAITING);
  await portal.press('Começar de novo');
  await portal.at(TITLES.enrol);
  expect(await portal.page.content()).not.toContain(secret);
  await portal.open(link);
  await portal.says('Use o link do e-mail mais recente ou entre para recomeçar.');
});

test('in another browser the page shows the address masked, and leads on when confirmed', async ({ world, portal }) => {
  const { person, link } = await world.mailed();
  const other = await world.otherBrowser();
  await other.open();
  await other.signIn(person, 'Autenticação em dois fatores');
  await other.at(TITLES.mailSent);
  await expect(other.page.getByText(person.email)).toBeHidden();
  await expect(other.page.getByText(/^Aguardando a confirmação em .+@/)).toBeVisible();
  await portal.open(link);
  await portal.press('Confirmar');
  await portal.at(TITLES.activated);
  if (!other.script) await other.follow('Já confirmei');
  await expect(other.page).not.toHaveURL(/email-enviado/);
});
