// The page behind the mailed link: what it asks, and why it refuses.
import { expect, test } from '../fixtures';
import { TITLES } from '../support/portal';
import { states } from '../support/states';

const REFUSALS = {
  'link-unknown': ['Link incompleto', 'Abra o link inteiro do e-mail ou entre para receber outro.'],
  'link-expired': ['Link vencido', 'Entre para receber outro.'],
  'link-used': ['Link já usado', 'Se foi você, entre com senha e código.'],
  'link-newer-qr': ['Link substituído', 'Use o link do e-mail mais recente ou entre para recomeçar.'],
  'link-address-corrected': ['Link substituído', 'Use o link enviado ao novo endereço ou entre para receber outro.'],
  'link-cancelled': ['Habilitação cancelada', 'Para habilitar, entre e comece de novo.'],
};

for (const [state, [title, sentence]] of Object.entries(REFUSALS)) {
  test(`${state} has its own sentence`, async ({ world, portal }) => {
    await states[state](world);
    await portal.at(title);
    await portal.says(sentence);
    await expect(portal.button('Confirmar')).toBeHidden();
    await expect(portal.link('Entrar')).toBeVisible();
  });
}

test('says who asked, when, from which browser and address, and until when it works', async ({ world, portal }) => {
  const { person, link } = await world.mailed();
  await portal.open(link);
  const fact = (label: string) => portal.page.locator('dl > div').filter({ hasText: label }).getByRole('definition');
  await expect(portal.page.getByText(new RegExp(`^Ana \\(${person.sigla}\\), hoje às \\d\\d:\\d\\d, .*Chrome`))).toBeVisible();
  await expect(fact('Endereço de rede')).toHaveText('127.0.0.1');
  await expect(fact('Link válido até')).toHaveText(/^\d\d:\d\d \(em (1 hora|59 minutos)\)$|^\d\d\/\d\d\/\d{4} às/);
});

test('a sigla that is a CPF is masked', async ({ world, portal }) => {
  const { person, link } = await world.mailed({ siglaIsCpf: true });
  await portal.open(link);
  await expect(portal.page.getByText(/^Ana \(769\), /)).toBeVisible();
  expect(await portal.page.content()).not.toContain(person.cpf);
});

test('"Não fui eu" ends the enrolment and blocks nobody', async ({ world, portal }) => {
  const { person, link } = await world.mailed();
  const stranger = await world.otherBrowser();
  await stranger.open(link);
  await stranger.press('Não fui eu');
  await stranger.at('A habilitação foi cancelada');
  await portal.open(link);
  await portal.at('Habilitação cancelada');
  await portal.open('/habilitar/email-enviado');
  await portal.at(TITLES.notice);
  await portal.page.context().clearCookies();
  await portal.open();
  await portal.signIn(person);
  await portal.at('Bem-vindo(a), Ana Souza');
});

test('confirming signs nobody in; the result page opens to its receipt only', async ({ world, portal, demo }) => {
  const { link } = await world.mailed();
  const stranger = await world.otherBrowser();
  await stranger.open(link);
  await stranger.press('Confirmar');
  await stranger.at(TITLES.activated);
  await stranger.page.reload();
  await stranger.at(TITLES.activated);
  await stranger.open('/inicio');
  await stranger.at(TITLES.signIn);
  const third = await world.otherBrowser();
  await third.open('/ativada');
  await third.at('Esta página não está mais disponível');
  await third.says('Entre com senha e código.');
  expect(portal.base).toBe(demo.jmu);
});

test('the token travels in no Referer', { tag: '@once' }, async ({ world, portal }) => {
  const { link } = await world.mailed();
  const token = link.slice(link.lastIndexOf('/') + 1);
  const sent: Promise<string>[] = [];
  portal.page.on('request', (request) => {
    if (request.url().endsWith(token)) return;
    // what is under way when the test ends has no headers to show any more
    sent.push(request.allHeaders().then((headers) => headers.referer ?? '', () => ''));
  });
  await portal.open(link);
  await portal.press('Confirmar');
  await portal.at(TITLES.activated);
  const referers = await Promise.all(sent);
  expect(referers.some((referer) => referer !== '')).toBe(true);
  expect(referers.filter((referer) => referer.includes(token))).toEqual([]);
});
