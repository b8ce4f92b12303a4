// Prints what the browser loads (raw and brotli), the HTML of the sign-in page, the server's start-up time and idle memory.
// See .ci/size for how it is called.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
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
if (process.argv[2]) process.exit(0);

// --- the running server --------------------------------------------------------------------------------------------------------

const binary = join(target, 'release/eproc-2fa');
row('server binary', statSync(binary).size);
const folder = mkdtempSync(join(tmpdir(), 'eproc-size-'));
const begin = performance.now();
const server = spawn(binary, ['demo'], { cwd: folder, env: { ...process.env, LEPTOS_SITE_ROOT: site }, stdio: ['ignore', 'pipe', 'pipe'] });
let output = '';
for (const stream of [server.stdout, server.stderr]) stream.on('data', (data) => (output += data));
try {
  // the demonstration prints where it is to be found; it is up when that place answers
  let page;
  while (!page && performance.now() - begin < 30_000) {
    if (server.exitCode !== null) throw new Error(`it stopped: ${output.slice(-400)}`);
    const address = /https?:\/\/[\w.\-[\]]+:\d+[^\s"'\x1b]*/.exec(output)?.[0];
    if (address) page = await fetch(address, { headers: { 'accept-encoding': 'identity' } }).catch(() => undefined);
    if (!page) await sleep(5);
  }
  if (!page) throw new Error(`no page answered in 30 s: ${output.slice(-400)}`);
  const started = performance.now() - begin;
  const html = Buffer.from(await page.arrayBuffer());
  row(`HTML of ${new URL(page.url).pathname}`, html.length, brotliCompressSync(html).length);
  row('start-up of the demo, ms', Math.round(started));
  await sleep(3000);
  const memory = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1];
  row('idle memory, kB', memory);
} catch (error) {
  console.log(`the demonstration was not measured: ${error.message}`);
  process.exitCode = 1;
} finally {
  server.kill('SIGTERM');
  await sleep(500);
  server.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}
