// The rows of bench.mjs about the database: code checks, each durable, on SQLite and PostgreSQL, and an import of a million.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const CLIENTS = '64';
const text = (program, ...args) => execFileSync(program, args, { encoding: 'utf8' }).trim();

/** A port that was free a moment ago. */
export async function freePort() {
  const free = createServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  const { port } = free.address();
  free.close();
  return port;
}

/** A folder with a configuration and the environment of an instance in it. */
async function instance(program, site, database) {
  const dir = mkdtempSync(join(tmpdir(), 'eproc-2fa-bench-'));
  const port = await freePort();
  execFileSync(program, ['init', '--dir', dir]);
  const address = `127.0.0.1:${port}`;
  const env = { ...process.env, EPROC_2FA__INSTANCE__PUBLIC_URL: `http://${address}`, EPROC_2FA__LISTEN__ADDR: address, LEPTOS_SITE_ROOT: site };
  if (database) env.EPROC_2FA__DATABASE__URL = database;
  return { dir, env, address, config: join(dir, 'jmu.toml') };
}

/** Code checks a second by 64 clients, and the statements of one. */
async function codeChecks(program, tool, site, count, database = '', counts = true) {
  const { dir, env, address, config } = await instance(program, site, database);
  const list = join(dir, 'list');
  writeFileSync(list, execFileSync(tool, ['prepare', config, String(count + 1)], { env, maxBuffer: 1 << 26 }));
  // the first one is checked without a server
  const statements = counts ? Number(execFileSync(tool, ['statements', config, list], { env, encoding: 'utf8' })) : 0;
  writeFileSync(list, readFileSync(list, 'utf8').split('\n').slice(1).join('\n'));
  const server = spawn(program, ['serve', '--config', config], { env, stdio: 'ignore' });
  try {
    for (let tries = 0; !(await fetch(`http://${address}`).then((answer) => answer.text(), () => '')); tries++) {
      if (tries > 100) throw new Error('the program does not serve');
      await sleep(50);
    }
    const [rate, refused] = text(tool, 'post', address, list, CLIENTS).split(' ').map(Number);
    if (refused > 0) throw new Error(`${refused} codes were refused`);
    return { rate, statements, dir };
  } finally {
    server.kill();
    await once(server, 'exit');
  }
}

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

/** `before` is a folder with an earlier build, as `eproc-2fa` and `code_checks`, to compare with. */
export async function databaseRows(program, site, tool, before, add) {
  const ratios = [];
  let [checks, commits, statements] = [0, 0, 0];
  for (let run = 0; run < 3; run++) {
    const done = await codeChecks(program, tool, site, 9000);
    commits = Number(text(tool, 'commits', done.dir, '3'));
    ({ rate: checks, statements } = done);
    ratios.push(checks / commits);
    rmSync(done.dir, { recursive: true });
  }
  const ratio = median([...ratios]);
  const shown = ratios.map((each) => each.toFixed(2)).join(', ');
  add('statements of a code check from a new browser, besides BEGIN and COMMIT', statements, 'statements', '≤ 10 (before: 21)', statements <= 10);
  add(`durable code checks a second, SQLite, 64 clients (${checks} in the last of three runs: ${shown}) / one-row commits (${commits})`, Number(ratio.toFixed(2)), 'ratio', '≥ 0.35 (before: 0.09)', ratio >= 0.35);

  await postgresRow(program, site, tool, before, add);
  await importRow(program, site, add);
}

/** Runs `measure` with the URL of a new PostgreSQL whose commits reach the disk; nothing where PostgreSQL is not there. */
async function onPostgres(measure) {
  let cluster;
  try {
    cluster = execFileSync('.ci/pg', ['start'], { env: { ...process.env, EPROC_PG_DURABLE: '1' }, encoding: 'utf8' });
  } catch {
    return undefined;
  }
  const [folder, url] = ['EPROC_PG_DIR', 'EPROC_TEST_POSTGRES'].map((name) => new RegExp(`${name}=(.*)`).exec(cluster)[1]);
  try {
    return await measure(url);
  } finally {
    execFileSync('.ci/pg', ['stop', folder]);
  }
}

async function postgresRow(program, site, tool, before, add) {
  const rates = { now: [], before: [] };
  for (let run = 0; run < 3; run++) {
    for (const build of before ? ['before', 'now'] : ['now']) {
      const [serves, prepares] = build === 'now' ? [program, tool] : [join(before, 'eproc-2fa'), join(before, 'code_checks')];
      const done = await onPostgres((url) => codeChecks(serves, prepares, site, 4000, url, build === 'now'));
      if (!done) {
        console.log('PostgreSQL is not there: its row is left out');
        return;
      }
      rates[build].push(done.rate);
      rmSync(done.dir, { recursive: true });
    }
  }
  const now = median([...rates.now]);
  if (before) {
    const times = now / median([...rates.before]);
    add(`durable code checks a second, PostgreSQL, 64 clients (${rates.now}) / the build before (${rates.before}), medians`, Number(times.toFixed(2)), 'ratio', '≥ 1.7', times >= 1.7);
  } else {
    add(`durable code checks a second, PostgreSQL, 64 clients (${rates.now}; no build before: EPROC_BENCH_BEFORE)`, now, '1/s', '', null);
  }
}

/** A CPF with right check digits. */
function cpf(number) {
  const digits = [...String(number).padStart(9, '0')].map(Number);
  for (const first of [10, 11]) {
    const sum = digits.reduce((total, digit, at) => total + digit * (first - at), 0);
    digits.push(((sum * 10) % 11) % 10);
  }
  return digits.join('');
}

async function importRow(program, site, add) {
  const PEOPLE = 1_000_000;
  const { dir, env, config } = await instance(program, site);
  const file = join(dir, 'people.csv');
  const out = createWriteStream(file);
  out.write('id,name,sigla,cpf,password_hash,profiles,contacts,language\n');
  const hash = `"$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$${'A'.repeat(43)}"`;
  for (let n = 0; n < PEOPLE; n++) {
    const row = `,Pessoa ${n},oab${n},${cpf(100_000_000 + 7 * n)},${hash},lawyer;citizen,p${n}@example.com;q${n}@advocacia.example,pt\n`;
    if (!out.write(row)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
  const begin = performance.now();
  const run = spawn(program, ['person', 'import', file, '--config', config], { env, stdio: 'ignore' });
  let peak = 0;
  const look = setInterval(() => {
    try {
      peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${run.pid}/status`, 'utf8'))?.[1] ?? peak);
    } catch {
      // it has ended
    }
  }, 200);
  const [code] = await once(run, 'exit');
  clearInterval(look);
  const seconds = Math.round((performance.now() - begin) / 1000);
  rmSync(dir, { recursive: true });
  const peakMb = Math.round((peak * 1024) / 1e6);
  add(`import of a million people with two profiles and two contacts each, in ${seconds} s: most memory`, peakMb, 'MB', '≤ 300 (before: 1,850, 374 s)', code === 0 && peakMb <= 300);
}
