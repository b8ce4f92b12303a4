// Who must have the second factor, and how they get in before the mail is confirmed.
import { expect, test } from '../fixtures';
import { TITLES } from '../support/portal';

const magistrate = { profiles: ['magistrate', 'staff'] };

test('a profile that requires it is led to the notice by Entrar too', async ({ world, portal }) => {
  const person = await world.newPerson(magistrate);
  await portal.open();
  await portal.signIn(person);
  await portal.at(TITLES.notice);
  await portal.says('Seu perfil exige: habilite para continuar.');
  await portal.open('/inicio');
  await portal.at(TITLES.notice);
});

test('whoever need not have it gets in with the password, and is offered it', async ({ world, portal }) => {
  const person = await world.newPerson({ profiles: ['lawyer', 'expert'] });
  await portal.open();
  await portal.signIn(person);
  await portal.at('Bem-vindo(a), Ana Souza');
  await portal.says('Não habilitada.');
  await portal.follow('Habilitar agora');
  await portal.at(TITLES.notice);
  await portal.press('Cancelar');
  await portal.at('Bem-vindo(a), Ana Souza');
});

test('several profiles stand on the home page', async ({ world, portal }) => {
  await world.home({ profiles: ['lawyer', 'expert', 'defender'] });
  await portal.open('/inicio');
  const profiles = portal.page.locator('dl > div').filter({ hasText: 'Perfis' }).getByRole('definition');
  for (const name of ['Advogado(a)', 'Perito(a)', 'Defensor(a)']) await expect(profiles).toContainText(name);
});

test('three provisional entries before the mail is confirmed, then none', async ({ world, portal, desk }) => {
  const { person, secret } = await world.mailed(magistrate);
  await portal.open('/habilitar/email-enviado');
  await portal.says('Precisa entrar já? Até a confirmação, você pode entrar com senha e o próximo código do aplicativo mais 3 vezes.');
  await portal.follow('Entrar provisoriamente');
  await portal.at(TITLES.code);
  await portal.press('Entrar com outro usuário');
  await portal.signIn(person);
  for (const left of ['mais 3 vezes.', 'mais 2 vezes.', 'mais 1 vez.']) {
    await portal.at(TITLES.code);
    await expect(portal.page.getByText('Falta confirmar pelo e-mail')).toContainText(left);
    await portal.enterCode(await desk.nextCode(secret));
    await portal.at('Bem-vindo(a), Ana Souza');
    await expect(portal.page.getByText('Entrada provisória: confirme a ativação pelo link enviado ao seu e-mail.')).toBeVisible();
    await portal.press('Sair');
    await portal.signIn(person);
  }
  await portal.at(TITLES.mailSent);
  await portal.open('/inicio');
  await portal.at(TITLES.mailSent);
});

test('an optional profile has no provisional entry', async ({ world, portal }) => {
  await world.mailed();
  await portal.open('/habilitar/email-enviado');
  await expect(portal.link('Entrar provisoriamente')).toBeHidden();
});
