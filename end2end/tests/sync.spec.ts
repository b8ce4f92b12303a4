// What the activated page says about the other instance.
import { expect, test } from '../fixtures';
import { TITLES } from '../support/portal';
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
  await portal.says('não sincronizado');
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
  await desk.clock(120); // the pause before the next try is over
  const settled = async () => {
    if (!portal.script) await portal.follow('Atualizar a situação');
    await expect(portal.page.getByText('Sincronização realizada com sucesso em STM')).toBeVisible({ timeout: 3_000 });
  };
  await expect(settled).toPass({ timeout: 15_000 });
});
