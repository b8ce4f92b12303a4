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
  );
  const mask = (phrase: string) => masks.reduce((text, [pattern, name]) => text.replace(pattern, name), phrase);
  return `${phrases.map(mask).join('\n')}\n`;
}
