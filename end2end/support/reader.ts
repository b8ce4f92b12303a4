// Reads a page from its top to its end with the virtual screen reader, and masks what changes from run to run.
import type { Page } from '@playwright/test';
import { awake } from './portal';

export async function speech(page: Page, values: Record<string, string>): Promise<string> {
  await awake(page);
  const phrases = await page.evaluate(async () => {
    const { virtual } = await import(new URL('/virtual-screen-reader.js', location.href).href);
    await virtual.start({ container: document.body });
    for (let step = 0; step < 600 && !(await virtual.lastSpokenPhrase()).startsWith('end of document'); step++) await virtual.next();
    const log: string[] = await virtual.spokenPhraseLog();
    await virtual.stop();
    return log;
  });
  return masked(phrases, values);
}

/** Starts to listen: from now on what is focused or announced is heard, while pages come and go in the document. */
export async function listen(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const { virtual } = await import(new URL('/virtual-screen-reader.js', location.href).href);
    await virtual.start({ container: document.body });
    Object.assign(window, { virtual, heard: 0 });
  });
}

/** What was heard since the last time. */
export async function heard(page: Page, values: Record<string, string> = {}): Promise<string> {
  // the reader speaks a moment after what happened
  await page.waitForTimeout(400);
  const phrases = await page.evaluate(async () => {
    const reader = window as unknown as { virtual: { spokenPhraseLog(): Promise<string[]> }; heard: number };
    const log = await reader.virtual.spokenPhraseLog();
    const since = log.slice(reader.heard);
    reader.heard = log.length;
    return since;
  });
  return masked(phrases.filter((phrase) => !WORKING.test(phrase)), values);
}

/** What a step that takes longer than 300 ms says: on a slow machine more of them do. (bad-network.spec.ts looks for it.) */
const WORKING = /^polite: (Aguarde…|Please wait…)?$/;

function masked(phrases: string[], values: Record<string, string>): string {
  const masks: [RegExp, string][] = Object.entries(values)
    .filter(([name]) => name !== 'cpf')
    .map(([name, value]) => [new RegExp(value.replace(/[.+]/g, '\\$&'), 'g'), `{${name}}`]);
  masks.push(
    [/http:\/\/127\.0\.0\.1:\d+/g, '{address}'],
    [/\d\d\/\d\d\/\d{4} às \d\d:\d\d|\d\d:\d\d/g, '{time}'],
    [/\(em [^)]*\)/g, '(em {duration})'],
    [/(Chrom\w+) [\d.]+/g, '$1 {version}'],
    [/secret=[A-Z2-7]+/g, 'secret={secret}'],
    [/^([A-Z2-7]{4})$/g, '{group}'],
    [/ana\.\d{8}/g, '{sigla}'],
    [/a…\d@/g, 'a…{digit}@'],
  );
  const mask = (phrase: string) => masks.reduce((text, [pattern, name]) => text.replace(pattern, name), phrase);
  return `${phrases.map(mask).join('\n')}\n`;
}
