// What the activated page says about the other instance.
import { expect, test } from '../fixtures';
import { TITLES } from '../support/portal';
import { decodeQr, secretOf } from '../support/qr';
import { states } from '../support/states';

/** The manual's error block, line by line. */
async function errorBlock(portal: import('../support/portal').Portal, id: string, facts: [string, string][]) {
  await portal.at(TITLES.activated);
  const item = portal.page.getByRole('listitem').filter({ hasText: 'Erro ao sincronizar' });
  await expect(item.getByRole('paragraph').first()).toHaveText(`Erro ao sincronizar senha de pessoa ${id} para STM(STM).`);
  await expect(item.getByText('Identificações:', { exact: true })).toBeVisible();
  await expect(item.getByRole('term')).toHaveText(facts.map(([label]) => label));
  await expect(item.getByRole('definition')).toHaveText(facts.map(([, value]) => value));
  await portal.says(
    'Essa mensagem só se refere à sincronização dos perfis em ambas as instâncias, mas não impedirá a ativação da autenticação em 2 fatores.',
  );
}

test('success', async ({ world, portal }) => {
  await states.activated(world);
  await portal.at(TITLES.activated);
  await portal.says('Sincronização realizada com sucesso em STM');
});

test('no record at the destination: the error block of the manual', async ({ world, portal }) => {
  const { id, cpf } = (await states['activated-no-record'](world)) as Record<string, string>;
  expect(cpf).toBe('769');
  await errorBlock(portal, id, [
    ['CPF:', '769'],
    ['SIGLA:', '769'],
    ['Motivo:', 'Não possui cadastro no destino'],
  ]);
});

test('already active at the destination', async ({ world, portal }) => {
  await states['activated-already'](world);
  await portal.says('Já possui autenticação em dois fatores no destino');
});

test('CPF and sigla of two people are a refusal, never a guess', async ({ world, portal }) => {
  await states['activated-two-people'](world);
  await portal.says('CPF e sigla pertencem a pessoas diferentes no destino');
});

test('the activation stands although the synchronisation failed', async ({ world, portal, desk }) => {
  const { person, secret } = await world.active({ stm: 'split' });
  await portal.open();
  await portal.signIn(person);
  await portal.enterCode(await desk.nextCode(secret));
  await portal.at('Bem-vindo(a), Ana Souza');
  await portal.says('Não sincronizado com STM.');
});

test('STM switched off: pending at once, settled once STM is back', async ({ world, portal, desk }) => {
  const { link } = await world.mailed({ stm: 'same' });
  await desk.stm('off');
  await portal.open(link);
  const pressed = Date.now();
  await portal.press('Confirmar');
  await portal.says('Sincronização com STM em andamento. A ativação já vale aqui.');
  expect(Date.now() - pressed, 'milliseconds until the page says so').toBeLessThan(3_000);
  await portal.at(TITLES.activated);
  await desk.stm('on');
  const settled = async () => {
    if (!portal.script) await portal.follow('Atualizar a situação');
    await expect(portal.page.getByText('Sincronização realizada com sucesso em STM')).toBeVisible({ timeout: 3_000 });
  };
  await expect(settled).toPass({ timeout: 15_000 });
});

test('a new phone while STM is off: honest until STM is back, and then the old one is refused there', async ({ world, portal, desk }) => {
  const { person, secret: old } = await world.active({ stm: 'same' });
  const stm = await world.otherBrowser(world.demo.stm);
  await portal.open();
  await portal.signIn(person);
  await portal.enterCode(await desk.nextCode(old));
  await portal.at(TITLES.home);
  await portal.says('Sincronização realizada com sucesso em STM');
  await desk.clock(60); // the next mail to one address is a minute later
  await desk.stm('off');
  await portal.open('/conta/novo-celular');
  await portal.press('Prosseguir');
  await portal.at(TITLES.enrol);
  const secret = secretOf(await decodeQr(portal.page));
  await portal.code.fill(await desk.code(secret));
  await portal.press('Enviar link de ativação');
  const { link } = await world.mailbox.take(person.email, 'Falta confirmar');
  const phone = await world.otherBrowser();
  await phone.open(link);
  await phone.press('Confirmar');
  await phone.at(TITLES.replaced);
  await phone.says('Ela ainda pode valer em: STM.', false);
  await portal.open('/conta');
  await portal.says('Sincronização com STM em andamento. O celular antigo ainda pode valer lá.');
  const waiting = await world.demo.command('jmu', 'sync', 'status', person.sigla);
  expect(waiting).toMatch(/\tSTM\tfactor_replaced\t\d+\tqueued\t/);
  await desk.stm('on');
  const settled = async () => {
    if (!portal.script) await portal.follow('Atualizar a situação');
    await expect(portal.page.getByText('Sincronização realizada com sucesso em STM')).toBeVisible({ timeout: 3_000 });
    await expect(portal.page.getByText('O celular antigo ainda pode valer lá.')).toHaveCount(0);
  };
  await expect(settled).toPass({ timeout: 15_000 });
  expect(await world.demo.command('jmu', 'sync', 'status', person.sigla)).toContain('synchronised');
  await stm.open();
  await stm.signIn(person);
  await stm.enterCode(await desk.nextCode(old));
  await expect(stm.page.getByRole('alert')).toBeFocused();
  await stm.enterCode(await desk.nextCode(secret));
  await stm.at(TITLES.home);
});

test('an authenticator revoked at JMU is refused at STM, and the owner is told there', async ({ world, desk }) => {
  const { person, secret } = await world.active({ stm: 'same' });
  await world.demo.command('jmu', 'person', 'reset-factor', person.sigla, '--reason', 'chamado 7');
  const stm = await world.otherBrowser(world.demo.stm);
  await world.mailbox.take(person.email, 'Seu segundo fator no e-Proc/STM foi retirado');
  await stm.open();
  await stm.signIn(person);
  await stm.says('Conta bloqueada', false);
  expect(await desk.code(secret)).toHaveLength(6);
});
