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
  await portal.at('Set up your authenticator app');
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
      await page.getByRole('textbox', { name: 'User name' }).fill(person.sigla);
      await page.locator('#password').fill(PASSWORD);
      await portal.press(button);
    };
    await portal.open();
    await expect(page).toHaveTitle('Sign in · e-Proc/JMU');
    await signIn('Set up two-factor authentication');
    await portal.at('Set up two-factor authentication');
    await portal.press('Continue');
    await portal.at('Set up your authenticator app');
    const secret = secretOf(await decodeQr(page));
    await portal.code.fill(await desk.wrongCode(secret));
    await portal.email.fill(person.email);
    await portal.press('Send activation link');
    await expect(page).toHaveTitle(/^Error: /);
    await expect(page.getByRole('alert')).toContainText('That code is not right. Enter the code the app shows now.');
    await portal.code.fill(await desk.code(secret));
    await portal.press('Send activation link');
    await portal.at('Check your email');
    const mail = await world.mailbox.take(person.email);
    expect(mail.subject).toBe('Confirm your two-factor authentication at e-Proc/JMU');
    await portal.open(mail.link);
    await portal.at('Activate two-factor authentication?');
    await portal.press('Confirm');
    await portal.at('Two-factor authentication is active.');
    await portal.says(`Could not be set up for person ${person.id} at STM(STM).`);
    await portal.says('You are not registered there');
    await portal.open();
    await signIn('Sign in');
    await portal.at('Enter the 6-digit code from your authenticator app');
    await portal.code.fill(await desk.nextCode(secret));
    await portal.press('Sign in');
    await portal.at('Welcome, Ana Souza');
    await portal.press('Sign out');
    await portal.at('Sign in');
  });
});
