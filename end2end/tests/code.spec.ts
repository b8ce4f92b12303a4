// The page that asks for the code after the password.
import { expect, test } from '../fixtures';
import { TITLES } from '../support/portal';

const WRONG = 'O código não confere. Digite o código que o aplicativo mostra agora.';
const LOCKED = /^Tente de novo às \d\d:\d\d \(em \d+ segundos\)\.$/;

test('user and password: one answer for whatever was wrong', async ({ world, portal }) => {
  const person = await world.newPerson();
  await portal.open();
  await portal.press('Entrar');
  await portal.complains({ login: 'Digite o seu usuário.', password: 'Digite a sua senha.' });
  const sentence = 'Usuário ou senha não conferem. Tente de novo ou use “Esqueci minha senha”.';
  await portal.signIn(person, 'Entrar', 'outra senha');
  await portal.complains({ login: sentence });
  // one message for the pair: neither field alone is at fault
  await expect(portal.page.locator('#password')).toHaveAccessibleDescription(sentence);
  await expect(portal.page.locator('[data-invalid]')).toHaveCount(0);
  await expect(portal.field('Usuário')).toHaveValue(person.sigla);
  await expect(portal.page.locator('#password')).toHaveValue('');
  await portal.signIn({ ...person, sigla: 'ninguem' }, 'Entrar');
  await portal.complains({ login: sentence });
});

test('sigla in any case, or CPF with or without points', async ({ world, portal }) => {
  const person = await world.newPerson();
  const { cpf } = person;
  const pointed = `${cpf.slice(0, 3)}.${cpf.slice(3, 6)}.${cpf.slice(6, 9)}-${cpf.slice(9)}`;
  for (const sigla of [person.sigla.toUpperCase(), cpf, pointed]) {
    await portal.open();
    await portal.signIn({ ...person, sigla });
    await portal.at('Bem-vindo(a), Ana Souza');
    await portal.press('Sair');
    await portal.at(TITLES.signIn);
  }
});

test('the password can be shown', { tag: '@js' }, async ({ portal }) => {
  await portal.open();
  const password = portal.page.locator('#password');
  await password.fill('segredo');
  await portal.press('Mostrar a senha');
  await expect(password).toHaveAttribute('type', 'text');
  await portal.press('Ocultar a senha');
  await expect(password).toHaveAttribute('type', 'password');
});

test('wrong, used, malformed and empty codes each have their sentence', async ({ world, portal, desk }) => {
  const { person, secret } = await world.active();
  await world.robot().signIn(person, 'enter');
  await portal.open('/entrar/codigo');
  await portal.press('Entrar');
  await portal.complains({ code: 'Digite o código de 6 dígitos que o aplicativo mostra.' });
  await portal.enterCode('12ab56');
  await portal.complains({ code: 'O código tem 6 dígitos. Digite só os números que o aplicativo mostra.' });
  await portal.enterCode(await desk.wrongCode(secret));
  await portal.complains({ code: WRONG });
  const code = await desk.nextCode(secret);
  await portal.enterCode(`${code.slice(0, 3)} ${code.slice(3)}`);
  await portal.at('Bem-vindo(a), Ana Souza');

  await portal.press('Sair');
  await portal.signIn(person);
  await portal.enterCode(code);
  await portal.complains({ code: 'Este código já foi usado. Aguarde o próximo, que aparece em até 30 segundos.' });
  await portal.enterCode(await desk.nextCode(secret));
  await portal.at('Bem-vindo(a), Ana Souza');
});

test('the code of the enrolment does not serve at sign-in', async ({ world, portal, desk }) => {
  const { person, secret } = await world.enrolling();
  const code = await desk.code(secret);
  await world.robot().submit(code, person.email);
  await world.robot().confirm((await world.mailbox.take(person.email, 'Falta confirmar')).link);
  await portal.open();
  await portal.signIn(person);
  await portal.enterCode(code);
  await portal.complains({ code: 'Este código já foi usado. Aguarde o próximo, que aparece em até 30 segundos.' });
});

test('locked after the third wrong code, for a right one too, until the time told', async ({ world, portal, desk }) => {
  const { person, secret } = await world.active();
  await world.mailbox.take(person.email, 'ativada');
  await world.robot().signIn(person, 'enter');
  await portal.open('/entrar/codigo');
  for (const which of [0, 1]) {
    await portal.enterCode(await desk.wrongCode(secret, which));
    await portal.complains({ code: WRONG });
  }
  const again = await world.otherBrowser();
  await again.open();
  await again.signIn(person);
  await again.at(TITLES.code);
  await portal.enterCode(await desk.wrongCode(secret, 2));
  await portal.at(TITLES.locked);
  await expect(portal.page.getByText(LOCKED)).toBeVisible();
  const told = await world.mailbox.take(person.email);
  expect(told.subject).toBe('Códigos errados depois da sua senha no e-Proc/JMU');

  // a new session and a right code change nothing
  await again.enterCode(await desk.code(secret));
  await again.at(TITLES.locked);
  await expect(again.page.getByText(LOCKED)).toBeVisible();
  await desk.clock(31);
  await portal.follow('Tentar de novo');
  await portal.at(TITLES.code);
  await portal.enterCode(await desk.nextCode(secret));
  await portal.at('Bem-vindo(a), Ana Souza');
});

test('a clock that is off is told after the second code in a row', async ({ world, portal, desk }) => {
  const { person, secret } = await world.active();
  await world.robot().signIn(person, 'enter');
  await portal.open('/entrar/codigo');
  // three minutes also when the next 30 seconds begin before the code is judged
  await portal.enterCode(await desk.code(secret, 180));
  await portal.complains({ code: WRONG });
  await desk.clock(30);
  await portal.enterCode(await desk.code(secret, 180));
  await portal.complains({
    code: 'O código é de outro horário: o relógio do seu celular está cerca de 3 minutos adiantado. Ative a data e hora automáticas no celular e digite o novo código.',
  });
});

test('with the factor active the password alone opens nothing else', async ({ world, portal }) => {
  const { person } = await world.active();
  await world.robot().signIn(person, 'enter');
  for (const path of ['/inicio', '/conta', '/habilitar', '/habilitar/aviso', '/habilitar/email-enviado', '/habilitar/corrigir-email']) {
    await portal.open(path);
    await portal.at(TITLES.code);
  }
});
