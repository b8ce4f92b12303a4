// How much a person has to do: the quickest way from the sign-in page to being signed in with the code, on a phone.
import type { Locator } from '@playwright/test';
import { expect, test } from '../fixtures';
import { PASSWORD } from '../support/people';
import { TITLES } from '../support/portal';
import { secretOf } from '../support/qr';

test('at most 12 actions on a phone', { tag: ['@phone', '@js'] }, async ({ world, portal, desk }, info) => {
  const actions: string[] = [];
  const fill = async (field: Locator, what: string, text: string) => {
    await field.fill(text);
    actions.push(`fill ${what}`);
  };
  const tap = async (target: Locator, what: string) => {
    await target.tap();
    actions.push(`tap ${what}`);
  };
  const person = await world.newPerson({ stm: 'same' });
  await portal.open();
  const begun = Date.now();
  await fill(portal.field('Usuário'), 'user', person.sigla);
  await fill(portal.page.locator('#password'), 'password', PASSWORD);
  await tap(portal.button('Autenticação em dois fatores'), 'Autenticação em dois fatores');
  await tap(portal.button('Prosseguir'), 'Prosseguir');
  // tapping this opens the app on the phone itself, which keeps the secret
  const app = portal.link('Abrir no aplicativo autenticador');
  const secret = secretOf((await app.getAttribute('href'))!);
  actions.push('tap Abrir no aplicativo autenticador');
  await fill(portal.code, 'code', await desk.code(secret));
  await fill(portal.email, 'personal e-mail', person.email);
  await tap(portal.button('Enviar link de ativação'), 'Enviar link de ativação');
  await portal.open((await world.mailbox.take(person.email)).link);
  actions.push('tap the link in the mail');
  await tap(portal.button('Confirmar'), 'Confirmar');
  await portal.at(TITLES.activated);
  await tap(portal.link('Entrar com o código'), 'Entrar com o código');
  await fill(portal.code, 'code', await desk.nextCode(secret));
  await portal.code.press('Enter');
  await portal.at(TITLES.home);

  const report = `${actions.length} actions, ${((Date.now() - begun) / 1000).toFixed(1)} s of the machine's time:\n  ${actions.join('\n  ')}`;
  console.log(report);
  info.annotations.push({ type: 'stopwatch', description: report });
  expect(actions.length, report).toBeLessThanOrEqual(12);
});
