// Mails to the addresses that were registered before, and their way to block the account.
import { expect, test } from '../fixtures';
import { TITLES } from '../support/portal';

const STARTED = 'Habilitação da autenticação em dois fatores iniciada no e-Proc/JMU';
const ACTIVATED = 'Autenticação em dois fatores ativada no e-Proc/JMU';

test('every registered address is told of the start and of the activation', async ({ world }) => {
  const { person, link } = await world.mailed({ contacts: 2 });
  for (const contact of person.contacts) {
    const { subject, text } = await world.mailbox.take(contact);
    expect(subject).toBe(STARTED);
    expect(text).toContain('Endereço de rede (IP): 127.0.0.1');
    expect(text).toContain('eproc@stm.jus.br');
  }
  await world.robot().confirm(link);
  for (const address of [...person.contacts, person.email]) {
    expect((await world.mailbox.take(address)).subject).toBe(ACTIVATED);
  }
});

test('"Não fui eu" of the start blocks, cancels and ends every session', async ({ world, portal }) => {
  const { person, link } = await world.mailed({ contacts: 1 });
  const notice = await world.mailbox.take(person.contacts[0], STARTED);
  const owner = await world.otherBrowser();
  await owner.open(notice.link);
  await owner.at('Não foi você?');
  await owner.says(`Alguém começou a habilitar a autenticação em dois fatores de Ana (${person.sigla}).`);
  await owner.press('Não fui eu: bloquear a conta');
  await owner.at('A conta foi bloqueada');

  await portal.open(link);
  await portal.at('Habilitação cancelada');
  await portal.open('/habilitar/email-enviado');
  await portal.at(TITLES.signIn);
  await portal.signIn(person);
  await portal.complains({ '': 'Conta bloqueada: ligue para (61) 3313-9144' });
  await owner.open(notice.link);
  await owner.at('A conta foi bloqueada');
});

test('"Não fui eu" of the activation blocks and ends the session', async ({ world, portal }) => {
  const { person } = await world.home({ contacts: 1 });
  await portal.open('/inicio');
  await portal.at('Bem-vindo(a), Ana Souza');
  await world.mailbox.take(person.contacts[0], STARTED);
  const notice = await world.mailbox.take(person.contacts[0], ACTIVATED);
  const owner = await world.otherBrowser();
  await owner.open(notice.link);
  await owner.says(`A autenticação em dois fatores de Ana (${person.sigla}) foi ativada.`);
  await owner.press('Não fui eu: bloquear a conta');
  await owner.at('A conta foi bloqueada');
  await portal.page.reload();
  await portal.at(TITLES.signIn);
});

test('the link of a notice works ten days', async ({ world, portal, desk }) => {
  const { person } = await world.mailed({ contacts: 1 });
  const notice = await world.mailbox.take(person.contacts[0], STARTED);
  await desk.clock(86_400 * 10 - 600);
  await portal.open(notice.link);
  await portal.at('Não foi você?');
  await desk.clock(1200);
  await portal.page.reload();
  await portal.at('Link vencido');
});
