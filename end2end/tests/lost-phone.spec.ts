// A lost phone, a new one and a stolen one, as their owners and the support team go through them.
import { expect, test } from '../fixtures';
import { PASSWORD, type Person } from '../support/people';
import { type Portal, TITLES } from '../support/portal';
import { decodeQr, secretOf } from '../support/qr';

/** Counts what a person does, and the pages on which it is done. */
class Way {
  actions = 0;
  readonly pages = new Set<string>();

  constructor(private readonly portal: Portal) {}

  async act(action: () => Promise<unknown>): Promise<void> {
    this.pages.add(new URL(this.portal.page.url()).pathname);
    await action();
    this.actions += 1;
  }

  async password(person: Person): Promise<void> {
    await this.act(() => this.portal.field('Usuário').fill(person.sigla));
    await this.act(() => this.portal.page.locator('#password').fill(PASSWORD));
    await this.act(() => this.portal.press('Entrar'));
    await this.portal.at(TITLES.code);
  }
}

test('a recovery code leads from the password to home', async ({ world, portal }) => {
  const { person, codes } = await world.withCodes();
  await portal.page.context().clearCookies();
  await portal.open();
  const way = new Way(portal);
  await way.password(person);
  await way.act(() => portal.follow('Não consegue usar o celular?'));
  await portal.at(TITLES.lostPhone);
  await way.act(() => portal.page.locator('#recovery_code').fill(codes[4].toLowerCase()));
  await way.act(() => portal.press('Entrar'));
  await portal.at(TITLES.home);
  way.pages.add('/inicio');
  expect(way.actions).toBeLessThanOrEqual(6);
  expect(way.pages.size).toBeLessThanOrEqual(4);
  // used once
  await portal.press('Sair');
  await portal.signIn(person);
  await portal.follow('Não consegue usar o celular?');
  await portal.page.locator('#recovery_code').fill(codes[4]);
  await portal.press('Entrar');
  await portal.says('Este código de recuperação já foi usado. Use outro.');
});

test('codes are shown once, kept by hand, and one is typed again', async ({ world, portal }) => {
  await world.home();
  await portal.open('/inicio');
  await portal.says('Se perder o celular, códigos de recuperação deixam você entrar.', false);
  await portal.follow('Criar os códigos');
  await portal.at(TITLES.codes);
  await portal.press('Criar os códigos');
  await expect(portal.page.locator('.codes > li')).toHaveCount(10);
  const codes = await portal.page.locator('.codes > li').allTextContents();
  expect(codes).toHaveLength(10);
  const download = portal.page.waitForEvent('download');
  await portal.follow('Baixar');
  const file = await (await download).createReadStream();
  const text = (await file.toArray()).join('');
  for (const code of codes) expect(text).toContain(code);
  expect(text).toContain('Valem só aqui');
  await portal.page.locator('#recovery_code').fill('00000-00000');
  await portal.press('Confirmar que guardei');
  await expect(portal.page.getByRole('alert')).toBeFocused();
  await expect(portal.page.locator('.codes > li')).toHaveText(codes);
  await portal.page.locator('#recovery_code').fill(codes[9]);
  await portal.press('Confirmar que guardei');
  await portal.says('Pronto: seus códigos estão guardados.');
  await expect(portal.page.locator('.codes')).toHaveCount(0);
  await portal.open('/inicio');
  await expect(portal.page.getByText('Se perder o celular')).toHaveCount(0);
});

test('a new phone in twelve actions', async ({ world, portal, desk }) => {
  const { person, secret: old } = await world.active({ stm: 'same' });
  await desk.clock(61);
  await portal.open();
  const way = new Way(portal);
  await way.password(person);
  await way.act(() => desk.nextCode(old).then((code) => portal.code.fill(code)));
  await way.act(() => portal.press('Entrar'));
  await portal.at(TITLES.home);
  await way.act(() => portal.follow('Segurança da conta'));
  await way.act(() => portal.follow('Novo celular'));
  await portal.at(TITLES.newPhone);
  await way.act(() => portal.press('Prosseguir'));
  await portal.at(TITLES.enrol);
  // the app reads the QR code, which is no action here
  const secret = secretOf(await decodeQr(portal.page));
  await expect(portal.email).toHaveCount(0);
  await way.act(() => desk.code(secret).then((code) => portal.code.fill(code)));
  await way.act(() => portal.press('Enviar link de ativação'));
  await portal.at(TITLES.mailSent);
  const { link } = await world.mailbox.take(person.email, 'Falta confirmar');
  const phone = await world.otherBrowser();
  await way.act(() => phone.open(link));
  await way.act(() => phone.press('Confirmar'));
  await phone.at(TITLES.replaced);
  await phone.says('No celular antigo, apague a entrada e-Proc/JMU: ela não vale mais aqui.');
  await phone.says('Sincronização realizada com sucesso em STM');
  await portal.waits('Já confirmei', () => portal.at(TITLES.replaced));
  expect(way.actions).toBeLessThanOrEqual(12);
  // the old one is dead
  await portal.page.context().clearCookies();
  await portal.open();
  await portal.signIn(person);
  await portal.enterCode(await desk.nextCode(old));
  await expect(portal.page.getByRole('alert')).toBeFocused();
  await portal.enterCode(await desk.nextCode(secret));
  await portal.at(TITLES.home);
});

test('the support team lets somebody in by number', async ({ world, portal, desk }) => {
  const { person } = await world.active();
  const member = await world.member();
  await portal.open();
  const way = new Way(portal);
  await way.password(person);
  await way.act(() => portal.follow('Não consegue usar o celular?'));
  await portal.at(TITLES.lostPhone);
  await way.act(() => portal.press('Pedir um número'));
  const number = (await portal.page.locator('.number').textContent()) ?? '';
  const team = new Way(member.portal);
  await member.portal.open('/suporte');
  await team.act(() => member.portal.page.locator('#number').fill(number));
  await team.act(() => member.portal.press('Abrir o pedido'));
  await member.portal.at('Pedido de Ana Souza');
  await team.act(() => member.portal.page.getByLabel('Por vídeo, com documento').check());
  await team.act(() => member.portal.page.locator('#reason').fill('chamado 7: perdeu o celular'));
  await team.act(() => desk.nextCode(member.secret).then((code) => member.portal.code.fill(code)));
  await team.act(() => member.portal.press('Liberar'));
  await member.portal.says('Liberado. A pessoa já pode continuar.');
  expect(team.actions).toBeLessThanOrEqual(6);
  if (!portal.script) await way.act(() => portal.follow('Já fui liberado'));
  await portal.at(TITLES.notice);
  expect(way.actions).toBeLessThanOrEqual(6);
  await desk.clock(61);
  await portal.press('Prosseguir');
  await portal.at(TITLES.enrol);
  const secret = secretOf(await decodeQr(portal.page));
  await portal.code.fill(await desk.code(secret));
  await portal.press('Enviar link de ativação');
  await portal.at(TITLES.mailSent);
  const phone = await world.otherBrowser();
  await phone.open((await world.mailbox.take(person.email, 'Falta confirmar')).link);
  await phone.press('Confirmar');
  await portal.waits('Já confirmei', () => portal.at(TITLES.replaced));
  await portal.follow('Entrar com o código');
  await portal.enterCode(await desk.nextCode(secret));
  await portal.at(TITLES.home);
});

test('the personal mailbox is a way in after a day', async ({ world, portal, desk }) => {
  const { person } = await world.active();
  await portal.open();
  await portal.signIn(person);
  await portal.follow('Não consegue usar o celular?');
  await portal.at(TITLES.lostPhone);
  await portal.press('Pedir o link');
  await expect(portal.page.getByText('O link será enviado ao seu e-mail pessoal em')).toBeVisible();
  await world.mailbox.take(person.email, 'Pedido de acesso sem o celular');
  await desk.clock(24 * 3600);
  const { link } = await world.mailbox.take(person.email, 'Seu link para entrar sem o celular');
  const elsewhere = await world.otherBrowser();
  await elsewhere.open(link);
  await elsewhere.at('Entrar sem o celular');
  await elsewhere.page.locator('#password').fill(PASSWORD);
  await elsewhere.press('Prosseguir');
  await elsewhere.at(TITLES.notice);
  await desk.toMorning();
});

test('a stolen phone is out at once', async ({ world, portal, desk }) => {
  const { person, secret, codes } = await world.withCodes();
  await portal.page.context().clearCookies();
  await portal.open();
  await portal.signIn(person);
  await portal.follow('Não consegue usar o celular?');
  await portal.at(TITLES.lostPhone);
  await portal.follow('O celular foi roubado');
  await portal.code.fill(codes[0]);
  await portal.press('Retirar o celular');
  await portal.at(TITLES.notice);
  await portal.press('Prosseguir');
  await portal.at(TITLES.enrol);
  // codes that were made a moment ago change no address
  await portal.says('O link de ativação vai para o seu e-mail pessoal', false);
  // what the thief has opens nothing
  const thief = await world.otherBrowser();
  await thief.open();
  await thief.signIn(person);
  await expect(thief.page.getByRole('alert')).toContainText('Conta bloqueada');
  expect(await desk.code(secret)).toMatch(/^\d{6}$/);
});

test('sessions, history and the block', async ({ world, portal }) => {
  const { person } = await world.home();
  const other = await world.otherBrowser();
  await world.robot(other).signIn(person, 'enter');
  await portal.open('/conta');
  await portal.follow('Sessões abertas');
  await portal.says('espera o código', false);
  await portal.press('Encerrar todas as outras');
  await expect(portal.page.getByRole('listitem').filter({ hasText: 'Endereço' })).toHaveCount(1);
  await other.open('/entrar/codigo');
  await other.at(TITLES.signIn);
  await portal.open('/conta/historico');
  await portal.says('Sessão encerrada a distância.');
  await portal.open('/conta');
  await portal.follow('Bloquear minha conta');
  await portal.press('Bloquear agora');
  await portal.at('A conta foi bloqueada');
  await portal.open('/conta');
  await portal.at(TITLES.signIn);
});

test('an operator lists, shows and approves when the web is down', { tag: '@once' }, async ({ world }) => {
  const { person, number } = await world.asked();
  const { demo } = world;
  expect(await demo.command('jmu', 'entry', 'list')).toContain(`${number}\tAna (${person.sigla})`);
  expect(await demo.command('jmu', 'entry', 'show', number)).toMatch(/\d\d:\d\d.* right password\. \(UTC\)/);
  const approve = ['entry', 'approve', number, '--check', 'call-back', '--reason', 'ticket 7'];
  expect(await demo.command('jmu', ...approve)).toContain('the browser that asked may set up a new phone');
  // that browser then goes on: support_desk.rs; here the demonstration's clock is ahead of the command's
  const shown = await demo.command('jmu', 'person', 'show', person.sigla);
  expect(shown).toContain('recovery codes left: 0');
  expect(shown).toContain('Way in without the phone allowed by support.');
  const factors = await demo.command('jmu', 'factor', 'list', person.sigla);
  const id = factors.split('\n')[1].split('\t')[0];
  const revoked = await demo.command('jmu', 'factor', 'revoke', person.sigla, '--id', id, '--reason', 'ticket 7');
  expect(revoked).toContain('has lost this authenticator');
  expect(await demo.command('jmu', 'person', 'show', person.sigla)).toContain('factor revoked');
});

test('an authenticator gets another name, and one of two is removed', async ({ world, portal, desk }) => {
  const { person, secret, second } = await world.withTwo();
  await portal.open('/conta');
  await portal.follow('Aplicativos cadastrados');
  await portal.at('Aplicativos cadastrados');
  const first = portal.page.getByRole('radio').first();
  await first.check();
  await portal.page.locator('#label').fill('Celular antigo');
  await portal.press('Mudar o nome');
  await portal.says('Pronto.');
  await portal.page.getByLabel(/^Celular antigo, desde/).check();
  await portal.press('Remover');
  await portal.says('O único aplicativo não pode ser removido, só trocado:', false);
  await portal.page.context().clearCookies();
  await portal.open();
  await portal.signIn(person);
  await portal.enterCode(await desk.nextCode(secret));
  await expect(portal.page.getByRole('alert')).toBeFocused();
  await portal.enterCode(await desk.nextCode(second));
  await portal.at(TITLES.home);
});

test('a theft by the support team; somebody with privileges needs two members', async ({ world, portal, desk }) => {
  const { person } = await world.active({ profiles: ['magistrate'] });
  const member = await world.member();
  const chief = await world.member('supervisor');
  await portal.open();
  await portal.signIn(person);
  await portal.follow('Não consegue usar o celular?');
  await portal.at(TITLES.lostPhone);
  await portal.follow('O celular foi roubado');
  await portal.at('O celular foi roubado');
  await portal.press('Pedir ao suporte');
  await portal.at(TITLES.lostPhone);
  const number = (await portal.page.locator('.number').textContent()) ?? '';
  const approve = async (by: typeof member, said: string) => {
    await by.portal.open('/inicio');
    await by.portal.follow('Atender pedidos do suporte');
    await by.portal.at(TITLES.desk);
    await by.portal.page.locator('#number').fill(number);
    await by.portal.press('Abrir o pedido');
    await by.portal.says('Celular roubado: ao liberar, ele deixa de valer.');
    await by.portal.page.getByLabel('Presencialmente, com documento').check();
    await by.portal.page.locator('#reason').fill('chamado 8: celular roubado');
    await by.portal.code.fill(await desk.nextCode(by.secret));
    await by.portal.press('Liberar');
    await by.portal.says(said, false);
  };
  await approve(member, 'Registrado. Falta a liberação de outra pessoa');
  await approve(chief, 'Liberado. A pessoa já pode continuar.');
  if (!portal.script) await portal.follow('Já fui liberado');
  await portal.at(TITLES.notice);
  const thief = await world.otherBrowser();
  await thief.open();
  await thief.signIn(person);
  await expect(thief.page.getByRole('alert')).toContainText('Conta bloqueada');
});
