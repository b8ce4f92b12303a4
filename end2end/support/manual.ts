// The table of docs/manual.md: every sentence of the published manual, and where the portal says it.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

export interface Row {
  /** The manual's sentence. */
  sentence: string;
  /** Literal texts on the screen. */
  texts: string[];
  /** A name of support/states.ts. */
  screen: string;
  /** Tests that assert it, as `file › name`. */
  tests: string[];
}

const quoted = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, text]) => text);

export const manual: Row[] = readFileSync(join(root, 'docs/manual.md'), 'utf8')
  .split('\n')
  .filter((line) => /^\| \d/.test(line))
  .map((line) => {
    const [, , sentence, texts, screen, tests] = line.split('|').map((cell) => cell.trim());
    return { sentence, texts: quoted(texts), screen: quoted(screen)[0], tests: quoted(tests) };
  });

/** Whether a spec file has a test with this name. */
export const hasTest = (reference: string) => {
  const [file, name] = reference.split(' › ');
  const source = readFileSync(join(root, 'end2end/tests', file), 'utf8');
  return file === 'manual.spec.ts' || source.includes(`test('${name}'`);
};
