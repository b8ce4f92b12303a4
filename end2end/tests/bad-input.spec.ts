// The longest names, siglas, addresses and labels that the domain allows, text spaced as WCAG 1.4.12 asks, 400 % zoom, and the
// colours of the system: nothing is cut off, nothing lies over anything else.
import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures';
import { awake } from '../support/portal';
import type { World } from '../support/world';

// a style sheet is put into the page, which our policy forbids
test.use({ bypassCSP: true });

/** WCAG 1.4.12. */
const SPACED = '* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-block-end: 2em !important }';

/** Forty characters, the most that `instance.label` may have, with slashes. */
const LABEL = 'e-Proc/JUSTIÇA-MILITAR-DA-UNIÃO/1ª-INST.';

const longest = { longest: true, contacts: 1 };
const pages: Record<string, (world: World) => Promise<unknown>> = {
  'sign-in, refused': async (world) => {
    await world.portal.open();
    await world.portal.signIn(await world.newPerson(longest), 'Entrar', 'outra senha');
  },
  notice: async (world) => world.signedIn(longest).then(() => world.portal.open('/habilitar/aviso')),
  enrol: async (world) => world.enrolling(longest).then(() => world.portal.open('/habilitar')),
  'enrol, refused': async (world) => {
    const { person } = await world.enrolling(longest);
    await world.portal.open('/habilitar');
    await world.portal.submitEnrolment('', person.email.replace('.example', '.jus.br'));
  },
  'enrol, asked': async (world) => {
    const { person, secret } = await world.enrolling(longest);
    await world.portal.open('/habilitar');
    await world.portal.submitEnrolment(await world.desk.code(secret), `${person.email.split('@')[0]}@gmial.com`);
  },
  'mail sent': async (world) => world.mailed(longest).then(() => world.portal.open('/habilitar/email-enviado')),
  'correct the address': async (world) => world.mailed(longest).then(() => world.portal.open('/habilitar/corrigir-email')),
  link: async (world) => world.portal.open((await world.mailed(longest)).link),
  'not me': async (world) => {
    const { person } = await world.mailed(longest);
    await world.portal.open((await world.mailbox.take(person.contacts[0])).link);
  },
  activated: async (world) => {
    await world.portal.open((await world.mailed(longest)).link);
    await world.portal.press('Confirmar');
  },
  'code, refused': async (world) => {
    const { person, secret } = await world.active(longest);
    await world.robot().signIn(person, 'enter');
    await world.portal.open('/entrar/codigo');
    await world.portal.enterCode(await world.desk.wrongCode(secret));
  },
  home: async (world) => world.home(longest).then(() => world.portal.open('/inicio')),
  account: async (world) => world.home(longest).then(() => world.portal.open('/conta')),
};

/** Texts that stick out of the window or of a box that cuts, and texts that lie over each other. */
const faults = (page: Page) =>
  page.evaluate(() => {
    const found: string[] = [];
    const lines: { text: string; element: Element; box: DOMRect }[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement!;
      const text = node.textContent!.trim().slice(0, 40);
      if (!text || element.closest('.visually-hidden, .skip, svg') || !element.checkVisibility({ contentVisibilityAuto: true })) continue;
      if (getComputedStyle(element).clipPath === 'inset(50%)') continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const box of range.getClientRects()) {
        if (box.width < 1) continue;
        if (box.left < -0.5 || box.right > innerWidth + 0.5) found.push(`outside the window: ${text}`);
        lines.push({ text, element, box });
      }
      const holder = element.closest('.button, .note, .summary, .wait, .panel, .cures, dd, li');
      const bounds = holder?.getBoundingClientRect();
      const own = range.getBoundingClientRect();
      if (bounds && (own.right > bounds.right + 1 || own.bottom > bounds.bottom + 1)) found.push(`outside its box: ${text}`);
    }
    for (const [at, a] of lines.entries()) {
      for (const b of lines.slice(at + 1)) {
        if (a.element === b.element) continue;
        const across = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
        const down = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
        // a line's box is higher than its letters
        if (across > 1 && down > a.box.height / 3) found.push(`“${a.text}” lies over “${b.text}”`);
      }
    }
    return [...new Set(found)];
  });

for (const [name, reach] of Object.entries(pages)) {
  test(name, { tag: ['@js', '@once'] }, async ({ world, portal }) => {
    const { page } = portal;
    await reach(world);
    await awake(page);
    await page.evaluate((label) => {
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) node.textContent = node.textContent!.replaceAll('e-Proc/JMU', label);
      for (const details of document.querySelectorAll('details')) details.open = true;
    }, LABEL);
    for (const spaced of [false, true]) {
      if (spaced) await page.addStyleTag({ content: SPACED });
      for (const [width, height] of [[1280, 900], [768, 900], [320, 640]]) {
        await page.setViewportSize({ width, height });
        expect(await faults(page), `${width} px${spaced ? ', spaced' : ''}`).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      }
    }
  });
}

test('in the colours of the system every button has an edge, and the primary one is told apart', { tag: ['@js', '@once'] }, async ({ world, portal }) => {
  const { page } = portal;
  await page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' });
  await world.enrolling();
  await portal.open('/habilitar');
  const look = (name: string) =>
    portal.page.getByText(name, { exact: true }).evaluate((button) => {
      const { backgroundColor, borderTopWidth, borderTopStyle, borderTopColor } = getComputedStyle(button);
      return { backgroundColor, edge: `${borderTopWidth} ${borderTopStyle}`, visible: borderTopColor !== backgroundColor };
    });
  const send = await look('Enviar link de ativação');
  expect(send.edge).toBe('2px solid');
  await page.setViewportSize({ width: 360, height: 740 });
  const [open, later] = [await look('Abrir no aplicativo autenticador'), await look('Enviar link de ativação')];
  expect(open.backgroundColor).toBe(send.backgroundColor);
  expect(later.backgroundColor).not.toBe(open.backgroundColor);
  expect(later.visible).toBe(true);
});
