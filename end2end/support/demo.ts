// The application under test: one `eproc-2fa-demo` per worker, with its own ports, data and mail server.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Mailbox } from './mailbox';

const root = resolve(import.meta.dirname, '../..');
const target = process.env.EPROC_TARGET ?? process.env.CARGO_TARGET_DIR ?? join(root, 'target');
// the last one built, by whatever built it; the program that is installed stands beside it
const built = ['release', 'debug'].map((profile) => join(target, profile, 'eproc-2fa-demo')).filter((path) => existsSync(path));
const folder = process.env.EPROC_BIN ? dirname(process.env.EPROC_BIN) : dirname(built.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0] ?? join(target, 'release/x'));
const [program, demonstration] = [process.env.EPROC_BIN ?? join(folder, 'eproc-2fa'), join(folder, 'eproc-2fa-demo')];
const env = { ...process.env, LEPTOS_SITE_ROOT: process.env.EPROC_SITE ?? join(root, 'target/site') };

export interface Demo {
  readonly jmu: string;
  readonly stm: string;
  readonly deskUrl: string;
  readonly mailbox: Mailbox;
  /** Runs the command line of `eproc-2fa` on an instance's configuration. */
  command(instance: 'jmu' | 'stm', ...args: string[]): Promise<string>;
  /** Registers the people of a CSV file. */
  importPeople(instance: 'jmu' | 'stm', csv: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startDemo(): Promise<Demo> {
  const data = await mkdtemp(join(tmpdir(), 'eproc-end2end-'));
  const mailbox = await Mailbox.open();
  const [jmu, stm, desk] = (await freePorts(3)).map((port) => `127.0.0.1:${port}`);
  const args = ['--jmu-addr', jmu, '--stm-addr', stm, '--desk-addr', desk, '--data', data, '--smtp', `127.0.0.1:${mailbox.port}`];
  const running = spawn(demonstration, args, { env, cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  for (const stream of [running.stdout, running.stderr]) stream.on('data', (chunk) => (log = (log + chunk).slice(-20_000)));
  let failed: Error | undefined;
  running.on('error', (error) => (failed = error));

  const stop = async () => {
    await ended(running);
    await mailbox.close();
    await rm(data, { recursive: true, force: true });
  };
  try {
    const ready = [`http://${jmu}/health/ready`, `http://${stm}/health/ready`, `http://${desk}/state.json`];
    for (const url of ready) await answering(url, () => failed?.message ?? (running.exitCode === null ? undefined : log));
  } catch (error) {
    await stop();
    throw error;
  }

  const command = async (instance: string, ...args: string[]) => {
    const config = join(data, instance, 'config.toml');
    const { stdout } = await promisify(execFile)(program, [...args, '--config', config], { env, cwd: root });
    return stdout;
  };
  const importPeople = async (instance: 'jmu' | 'stm', csv: string) => {
    const file = join(data, `${instance}-people.csv`);
    await writeFile(file, csv);
    await command(instance, 'person', 'import', file);
  };
  return { jmu: `http://${jmu}`, stm: `http://${stm}`, deskUrl: `http://${desk}`, mailbox, command, importPeople, stop };
}

export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer();
      return new Promise<typeof server>((done) => server.listen(0, '127.0.0.1', () => done(server)));
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

async function answering(url: string, over: () => string | undefined): Promise<void> {
  const until = Date.now() + 20_000;
  for (;;) {
    const good = await fetch(url).then((answer) => answer.ok, () => false);
    if (good) return;
    const why = over();
    if (why !== undefined || Date.now() > until) throw new Error(`the demonstration did not start: ${why ?? url}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** Asks the process to stop, by its id, and waits for its end. */
async function ended(running: ChildProcess): Promise<void> {
  if (running.exitCode !== null || running.pid === undefined) return;
  const gone = new Promise((done) => running.once('exit', done));
  process.kill(running.pid, 'SIGTERM');
  const impatient = setTimeout(() => running.kill('SIGKILL'), 5_000);
  await gone;
  clearTimeout(impatient);
}
