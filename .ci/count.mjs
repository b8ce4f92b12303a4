// Lines of Rust code outside tests: no comments, no blank lines, no item under #[cfg(test)], no file of tests. Prints one line a
// room and the total, which docs/architecture.md quotes. Usage: node .ci/count.mjs [FOLDER]
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = process.argv[2] ?? '.';
const files = execFileSync('git', ['-C', root, 'ls-files', 'app/src', 'server/src', 'server/demo/src', 'frontend/src'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => file.endsWith('.rs') && !/(^|\/)tests(\/|\.rs$)/.test(file));

/** The lines of a file without items under #[cfg(test)]: a declaration ends at its semicolon, a block at its brace. */
function withoutTests(lines) {
  const kept = [];
  const inside = new Set();
  for (let at = 0; at < lines.length; at++) {
    if (lines[at].trim() !== '#[cfg(test)]') {
      kept.push(lines[at]);
      continue;
    }
    const indent = lines[at].search(/\S/);
    do at++;
    while (lines[at]?.trim().startsWith('#['));
    const file = /^\s*(?:pub(?:\([^)]*\))? )?mod (\w+);/.exec(lines[at]);
    if (file) inside.add(file[1]);
    if (/;\s*$/.test(lines[at]) || /\}\s*$/.test(lines[at])) continue;
    const end = new RegExp(`^\\s{${indent}}[})\\]];?\\s*$`);
    while (++at < lines.length && !end.test(lines[at]));
  }
  return { kept, inside };
}

const rooms = new Map();
const onlyTests = new Set();
const parsed = files.map((file) => {
  const { kept, inside } = withoutTests(readFileSync(join(root, file), 'utf8').split('\n'));
  const folder = file.replace(/\.rs$/, '');
  for (const name of inside) {
    onlyTests.add(`${folder}/${name}.rs`);
    onlyTests.add(`${folder.replace(/\/[^/]*$/, '')}/${name}.rs`);
  }
  return { file, kept };
});
let total = 0;
for (const { file, kept } of parsed) {
  if (onlyTests.has(file)) continue;
  const code = kept.filter((line) => line.trim() && !line.trim().startsWith('//')).length;
  const [crate, , room] = file.replace('server/demo/src', 'demo/src').split('/');
  const name = `${crate}/${(room ?? '').replace(/\.rs$/, '')}`;
  rooms.set(name, (rooms.get(name) ?? 0) + code);
  total += code;
}
for (const [name, code] of [...rooms].sort((a, b) => b[1] - a[1])) console.log(String(code).padStart(6), name);
console.log(String(total).padStart(6), 'in all');
