// The journey in one document in Firefox and WebKitGTK: refusals on the way, the QR code read off each browser's own screenshot.
import jsQR from 'jsqr';
import { Key } from 'selenium-webdriver';
import { PNG } from 'pngjs';
import { expect, test } from './fixtures';
import { type Engine, Hand, names, start } from './support/engine';
import { draw, PASSWORD, register } from './support/people';
import { TITLES } from './support/portal';
import { secretOf } from './support/qr';
import { tokenOf } from './support/robot';

for (const name of names) {
  test(name, async ({ demo, desk }) => {
    const engine: Engine = await start(name);
    const { driver } = engine;
    const hand = new Hand(driver);
    try {
      const person = draw({ stm: 'same' });
      await register(demo, 'stm', person);
      await register(demo, 'jmu', person);
      await driver.get(`${demo.jmu}/`);
      const capabilities = await driver.getCapabilities();
      const has = await hand.script<Record<string, boolean>>(`return {
        'Navigation API': 'navigation' in window, submitter: 'submitter' in SubmitEvent.prototype,
        'layout-shift entries': PerformanceObserver.supportedEntryTypes.includes('layout-shift'),
        'scripting in media queries': matchMedia('(scripting: enabled)').matches, 'light-dark()': CSS.supports('color', 'light-dark(#000, #fff)') }`);
      console.log(`${capabilities.getBrowserName()} ${capabilities.getBrowserVersion() ?? ''}: ${Object.entries(has).map(([what, there]) => `${what} ${there ? 'yes' : 'no'}`).join(', ')}`);
      await hand.until('the wasm', () => hand.script<boolean>(`return document.documentElement.hasAttribute('data-awake')`));
      await hand.script(`window.mark = 'kept'`);
      if ((await hand.script<string>('return document.documentElement.lang')) === 'en') await hand.press('Português');
      await hand.at('Entrar');

      await hand.press('Entrar');
      await hand.refused('Digite o seu usuário.');
      await hand.fill('#login', person.sigla);
      await hand.fill('#password', 'outra senha');
      await hand.press('Entrar');
      await hand.refused('Usuário ou senha não conferem.');
      await hand.fill('#password', PASSWORD);
      await hand.press('Autenticação em dois fatores');
      await hand.at(TITLES.notice);
      await hand.press('Prosseguir');
      await hand.at(TITLES.enrol);
      // a screenshot may be of the moment before the page is painted
      const code = await hand.until('the QR code on a screenshot', async () => {
        const { data, width, height } = PNG.sync.read(Buffer.from(await driver.takeScreenshot(), 'base64'));
        return jsQR(new Uint8ClampedArray(data), width, height) ?? undefined;
      });
      const secret = secretOf(code.data);
      await hand.fill('#code', await desk.wrongCode(secret));
      await hand.fill('#email', person.email);
      await hand.press('Enviar link de ativação');
      await hand.refused('O código não confere.');
      // the button that Enter presses, and what was typed is still there
      expect(await hand.script<string>(`return document.querySelector('#email').value`)).toBe(person.email);
      await hand.fill('#code', `${await desk.code(secret)}${Key.ENTER}`);
      await hand.at(TITLES.mailSent);
      const { link } = await demo.mailbox.take(person.email, 'Falta confirmar');
      // confirmed elsewhere: the page goes on by itself
      const answer = await fetch(`${demo.jmu}/api/activation-confirm`, { method: 'POST', headers: { origin: demo.jmu, accept: 'text/html' }, body: new URLSearchParams({ token: tokenOf(link) }), redirect: 'manual' });
      expect(answer.status).toBe(302);
      await hand.at(TITLES.activated);
      await hand.until('STM', () => hand.script<boolean>(`return document.querySelector('main').innerText.includes('Sincronização realizada com sucesso em STM')`));
      await hand.press('Entrar com o código');
      await hand.at(TITLES.code);
      await hand.fill('#code', await desk.nextCode(secret));
      await hand.press('Entrar');
      await hand.at(TITLES.home);
      await hand.press('Segurança da conta');
      await hand.at(TITLES.account);
      await driver.navigate().back();
      await hand.at(TITLES.home);
      await driver.navigate().forward();
      await hand.at(TITLES.account);
      await hand.press('English');
      await hand.until('English', () => hand.script<boolean>(`return document.documentElement.lang === 'en'`));
      expect(await hand.script<string>('return window.mark'), 'one document').toBe('kept');
      expect(await hand.script<string>('return document.activeElement.tagName')).toBe('H1');
      await hand.press('Sign out');
      await hand.at('Sign in');
      expect(await hand.script<string>('return window.mark')).toBe('kept');
    } finally {
      await engine.stop();
    }
  });
}
