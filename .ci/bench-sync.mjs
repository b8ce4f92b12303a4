// How fast changes reach another instance, on the released program with SQLite at synchronous=FULL on both sides (docs/performance.md,
// "To another instance"). Prints one table. Usage: node .ci/bench-sync.mjs PROGRAM SITE TOOL [COUNT], where the tool is the example
// `sync_activations` of the server.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from './bench-database.mjs';

const [program, site, tool, wanted = '10000'] = process.argv.slice(2);
const count = Number(wanted);
// EPROC_DOWN_SECONDS=3600 is the hour of the reach
const downFor = Number(process.env.EPROC_DOWN_SECONDS ?? 20);
const dir = mkdtempSync(join(tmpdir(), 'eproc-2fa-bench-'));
const run = promisify(execFile);
const text = async (env, ...args) => (await run(tool, args, { env, maxBuffer: 1 << 26 })).stdout.trim();
const rows = [];
const add = (name, value, unit, reach, met) => rows.push({ name, value, unit, reach, met });

async function instance(name) {
  const address = `127.0.0.1:${await freePort()}`;
  execFileSync(program, ['init', '--dir', dir, '--instance', name]);
  const env = { ...process.env, EPROC_2FA__INSTANCE__PUBLIC_URL: `http://${address}`, EPROC_2FA__LISTEN__ADDR: address, LEPTOS_SITE_ROOT: site };
  return { name, address, env, config: join(dir, `${name.toLowerCase()}.toml`), database: join(dir, `${name.toLowerCase()}.db`) };
}

async function serve({ address, env, config }) {
  const server = spawn(program, ['serve', '--config', config], { env, stdio: 'ignore' });
  for (let tries = 0; !(await fetch(`http://${address}`).then((answer) => answer.text(), () => '')); tries++) {
    if (tries > 200) throw new Error('the program does not serve');
    await sleep(50);
  }
  return server;
}

async function stop(server) {
  server.kill();
  await once(server, 'exit');
}

const [jmu, stm] = [await instance('JMU'), await instance('STM')];
const servers = new Set();
try {
  const alone = Math.min(6000, count);
  const all = await text(jmu.env, 'prepare', jmu.config, stm.config, String(alone + count + 200));
  const lines = all.split('\n');
  const list = (name, from, to) => {
    writeFileSync(join(dir, name), `${lines.slice(from, to).join('\n')}\n`);
    return join(dir, name);
  };
  const [without, told, down] = [list('without', 0, alone), list('told', alone, alone + count), list('down', alone + count, alone + count + 100)];

  // without another instance: what the same costs its users
  let server = await serve(jmu);
  servers.add(server);
  const [, activatedAlone, pageAlone] = (await text(jmu.env, 'activate', jmu.address, without, '32')).split(' ').map(Number);
  await stop(server);
  servers.delete(server);

  for (const [from, to] of [[jmu, stm], [stm, jmu]]) {
    appendFileSync(from.config, `\n${execFileSync(program, ['peer', 'show', '--config', to.config], { env: to.env, encoding: 'utf8' })}`);
  }
  server = await serve(jmu);
  servers.add(server);
  let other = await serve(stm);
  servers.add(other);
  const begin = performance.now();
  const [told32] = await Promise.all([text(jmu.env, 'activate', jmu.address, told, '32'), text(stm.env, 'arrived', stm.database, String(count))]);
  const seconds = (performance.now() - begin) / 1000;
  const [users, activated, page] = told32.split(' ').map(Number);
  add(`${count} activations at JMU (in ${users} s; one ${activated} ms, without sync ${activatedAlone} ms): until STM has all`, Number(seconds.toFixed(1)), 's', '≤ 30', seconds <= 30);
  const ratio = page / pageAlone;
  add(`a page for a user meanwhile (median ${page} ms) / without sync (${pageAlone} ms)`, Number(ratio.toFixed(2)), 'ratio', '≤ 1.5', ratio <= 1.5);

  const [median, p99] = (await text(stm.env, 'revoke', jmu.address, stm.config, told, '200')).split(' ').map(Number);
  add('*Não fui eu* at JMU until the factor is gone at STM, median of 200', median, 'ms', '≤ 1000', median <= 1000);
  add('the same, p99', p99, 'ms', '≤ 2000', p99 <= 2000);

  await stop(other);
  servers.delete(other);
  await text(jmu.env, 'activate', jmu.address, down, '32');
  await sleep(1000 * downFor);
  other = await serve(stm);
  servers.add(other);
  const back = performance.now();
  await text(stm.env, 'arrived', stm.database, String(count - 200 + 100));
  const caught = (performance.now() - back) / 1000;
  add(`STM was down for ${downFor} s: from its first answer until 100 waiting changes are applied`, Number(caught.toFixed(1)), 's', '≤ 3', caught <= 3);
} finally {
  for (const server of servers) await stop(server);
  rmSync(dir, { recursive: true });
}
for (const { name, value, unit, reach, met } of rows) console.log(`${met ? ' ' : '!'} ${name}: ${value} ${unit} (reach ${reach})`);
