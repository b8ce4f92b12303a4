// The other language.
import { expect, test } from '../fixtures';
import { decodeQr, secretOf } from '../support/qr';
import { PASSWORD } from '../support/people';

test('the button changes the language, here and from then on, and back', async ({ world, portal }) => {
  const { page } = portal;
  const html = page.locator('html');
  await world.enrolling();
  await portal.open('/habilitar');
  await expect(html).toHaveAttribute('lang', 'pt-BR');
  const button = portal.button('English');
  await expect(button).toHaveAttribute('lang', 'en');
  await button.click();
  await expect(html).toHaveAttribute('lang', 'en');
  await portal.at('Enabling two-factor authentication');
  await expect(page).toHaveURL(/\/habilitar$/);
  await portal.open('/privacidade');
  await portal.at('Privacy');
  await portal.press('Português');
  await portal.at('Privacidade');
});

test.describe('in a browser that asks for English', () => {
  test.use({ locale: 'en-US' });

  test('the whole journey', { tag: '@once' }, async ({ world, portal, desk }) => {
    const { page } = portal;
    const person = await world.newPerson({ siglaIsCpf: true });
    const signIn = async (button: string) => {
      await page.getByRole('textbox', { name: 'User' }).fill(person.sigla);
      await page.locator('#password').fill(PASSWORD);
      await portal.press(button);
    };
    await portal.open();
    await expect(page).toHaveTitle('Sign in · e-Proc/JMU');
    await signIn('Two-factor authentication');
    await portal.at('Enable two-factor authentication');
    await portal.press('Proceed');
    await portal.at('Enabling two-factor authentication');
    const secret = secretOf(await decodeQr(page));
    await portal.code.fill(await desk.wrongCode(secret));
    await portal.email.fill(person.email);
    await portal.press('Send the activation link');
    await expect(page).toHaveTitle(/^Error: /);
    await expect(page.getByRole('alert')).toContainText('The code does not match. Enter the code that the app shows now.');
    await portal.code.fill(await desk.code(secret));
    await portal.press('Send the activation link');
    await portal.at('Confirm through the link we sent');
    const mail = await world.mailbox.take(person.email);
    expect(mail.subject).toBe('Confirm your two-factor authentication at e-Proc/JMU');
    await portal.open(mail.link);
    await portal.at('Do you confirm the activation of two-factor authentication?');
    await portal.press('Confirm');
    await portal.at('Two-factor authentication was activated.');
    await portal.says(`Error while synchronising person ${person.id} to STM(STM).`);
    await portal.says('Not registered at the destination');
    await portal.open();
    await signIn('Sign in');
    await portal.at('6-digit code');
    await portal.code.fill(await desk.nextCode(secret));
    await portal.press('Sign in');
    await portal.at('Welcome, Ana Souza');
    await portal.press('Sign out');
    await portal.at('Sign in');
  });
});
