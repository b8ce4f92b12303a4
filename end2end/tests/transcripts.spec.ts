// What a screen reader says on each page of the journey, as golden files in end2end/transcripts. A virtual screen reader is
// no substitute for a real one: it shows order, roles and names, not how NVDA or TalkBack speak them.
// After an intended change: npx playwright test transcripts --update-snapshots, and read the difference.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from '../fixtures';
import { awake, TITLES } from '../support/portal';
import { decodeQr, secretOf } from '../support/qr';
import { heard, listen, speech } from '../support/reader';
import { states } from '../support/states';

const PAGES = [
  'sign-in', 'sign-in-empty', 'notice', 'enrol', 'enrol-two-errors', 'mail-sent', 'link', 'activated', 'activated-no-record',
  'code', 'code-wrong', 'home', 'lost-phone', 'lost-phone-wrong-code', 'lost-phone-asked', 'codes-made', 'new-phone', 'new-phone-scan', 'new-phone-active', 'entry',
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

test('moving from page to page', { tag: '@once' }, async ({ world, portal, desk, complaints }) => {
  complaints.allow(/ERR_INTERNET_DISCONNECTED/);
  // the reader looks at nodes that have just left the document
  complaints.allow(/a\.getElementById is not a function/);
  const { page } = portal;
  const person = await world.newPerson({ stm: 'same' });
  await portal.open();
  await awake(page);
  await listen(page);
  const values = { email: person.email };
  await heard(page, values);
  const said: string[] = [];
  const step = async (what: string, action: () => Promise<unknown>, arrived: () => Promise<unknown>) => {
    await action();
    await arrived();
    const words = await heard(page, values);
    said.push(`## ${what}\n${words}`);
    return words;
  };
  const alert = () => expect(page.getByRole('alert')).toBeFocused();
  const at = (title: string) => () => portal.at(title);
  /** The new heading is heard once. */
  const once = (words: string, heading: string) => expect(words.split(heading).length - 1, words).toBe(1);

  await step('Entrar, nothing typed', () => portal.press('Entrar'), alert);
  await portal.field('Usuário').fill(person.sigla);
  await portal.page.locator('#password').fill('cavalo certo bateria grampo');
  await heard(page);
  once(await step('Autenticação em dois fatores', () => portal.press('Autenticação em dois fatores'), at(TITLES.notice)), TITLES.notice);
  once(await step('Prosseguir', () => portal.press('Prosseguir'), at(TITLES.enrol)), TITLES.enrol);
  const secret = secretOf(await decodeQr(page));
  await portal.code.fill('12345');
  await portal.email.fill('ana@stm.jus.br');
  await heard(page);
  await step('Enviar link de ativação, refused', () => portal.press('Enviar link de ativação'), alert);
  await portal.code.fill(await desk.code(secret));
  await portal.email.fill(person.email);
  await heard(page);
  once(await step('Enviar link de ativação', () => portal.press('Enviar link de ativação'), at(TITLES.mailSent)), TITLES.mailSent);
  // heard when the mail server took the mail, unless that was before the page came
  await expect(page.getByText('Enviado às')).toBeVisible();
  const phone = await world.otherBrowser();
  await phone.open((await world.mailbox.take(person.email, 'Falta confirmar')).link);
  await heard(page);
  once(await step('confirmed elsewhere', () => phone.press('Confirmar'), at(TITLES.activated)), TITLES.activated);
  once(await step('Entrar com o código', () => portal.follow('Entrar com o código'), at(TITLES.code)), TITLES.code);
  await portal.code.fill(await desk.nextCode(secret));
  await heard(page);
  once(await step('Entrar', () => portal.press('Entrar'), at(TITLES.home)), TITLES.home);
  await step('English', () => portal.press('English'), () => expect(page.locator('html')).toHaveAttribute('lang', 'en'));
  await page.context().setOffline(true);
  await step('a link without network', () => page.getByRole('link', { name: 'Privacy' }).click(), alert);
  await page.context().setOffline(false);
  expect(said.join('\n')).toMatchSnapshot('moves.txt');
});
