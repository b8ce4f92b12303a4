// Prints what the browser loads (raw and brotli), the installed program, the HTML of the sign-in page, the server's start-up time and idle memory.
// See .ci/size for how it is called.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { brotliCompressSync } from 'node:zlib';

const { EPROC_ROOT: root, EPROC_TARGET: target } = process.env;
const site = join(root, 'target/site');
const barFile = join(root, '.ci/size-bar');
const row = (what, raw, small) => console.log(`${what.padEnd(28)}${String(raw).padStart(12)}${String(small ?? '').padStart(12)}`);

if (!existsSync(join(site, 'manifest.json'))) {
  console.error('no release build here: .ci/build release');
  process.exit(1);
}
const manifest = JSON.parse(readFileSync(join(site, 'manifest.json'), 'utf8'));
row('what the browser loads', 'bytes', 'brotli');
let total = 0;
for (const [kind, path] of Object.entries(manifest)) {
  const small = statSync(join(site, `${path}.br`)).size;
  total += small;
  row(`  ${kind}`, statSync(join(site, path)).size, small);
}
row('  together', '', total);

if (process.argv[2] === '--set') {
  writeFileSync(barFile, `${Math.ceil(total * 1.05)}\n`);
}
const bar = Number(readFileSync(barFile, 'utf8'));
row('  bar (.ci/size-bar)', '', bar);
if (total > bar) {
  console.error(`\nThe browser loads ${total - bar} bytes more than the bar allows. Look at what grew before you raise it (.ci/size --set).`);
  process.exit(1);
}

const binary = join(target, 'release/eproc-2fa');
const programBar = 25_000_000;
row('installed program', statSync(binary).size);
if (statSync(binary).size > programBar) {
  console.error(`\nThe installed program is larger than ${programBar} bytes.`);
  process.exit(1);
}
if (process.argv[2]) process.exit(0);

// --- one instance, as `serve` runs it --------------------------------------------------------------------------------------------

const STARTS = 5;
const folder = mkdtempSync(join(tmpdir(), 'eproc-size-'));
const free = createServer().listen(0, '127.0.0.1');
await once(free, 'listening');
const address = `127.0.0.1:${free.address().port}`;
free.close();
const settings = {
  INSTANCE__PUBLIC_URL: `http://${address}`, LISTEN__ADDR: address, ASSETS__DIR: site, MAIL__TRANSPORT: 'file', MAIL__FILE__DIR: 'mails',
  MAIL__FROM: 'size@stm.example', SUPPORT__NAME: 'Suporte', SUPPORT__EMAIL: 'suporte@stm.example', SUPPORT__PHONE: '(61) 3313-9144',
};
const env = { ...process.env, ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [`EPROC_2FA__${name}`, value])) };
const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

// starts it, waits until the sign-in page is answered, gives it to `look`, ends it; milliseconds until the answer
async function serve(look) {
  const begin = performance.now();
  const server = spawn(binary, ['serve', '--config', join(folder, 'jmu.toml')], { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  server.stderr.on('data', (data) => (log += data));
  try {
    let page;
    while (!page) {
      page = await fetch(env.EPROC_2FA__INSTANCE__PUBLIC_URL, { headers: { 'accept-encoding': 'identity' } }).catch(() => undefined);
      if (page) break;
      if (server.exitCode !== null || performance.now() - begin > 30_000) throw new Error(`no page was answered: ${log.slice(-400)}`);
      await sleep(1);
    }
    const took = performance.now() - begin;
    await look?.(server, Buffer.from(await page.arrayBuffer()));
    return took;
  } finally {
    const gone = once(server, 'exit');
    server.kill('SIGTERM');
    await gone;
  }
}

try {
  execFileSync(binary, ['init', '--dir', folder, '--instance', 'JMU'], { stdio: 'ignore' });
  const first = await serve();
  const again = [];
  for (let n = 0; n < STARTS; n++) again.push(await serve());
  row('start-up, new database, ms', Math.round(first));
  row('start-up, existing, ms', Math.round(median(again)));
  await serve(async (server, html) => {
    row('HTML of the sign-in page', html.length, brotliCompressSync(html).length);
    await sleep(3000);
    row('idle memory, kB', /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1]);
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
