// Firefox and WebKitGTK by WebDriver, each by the driver of its own project.
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Builder, By, Capabilities, type WebDriver } from 'selenium-webdriver';
import { freePorts } from './demo';

export interface Engine {
  name: string;
  driver: WebDriver;
  stop(): Promise<void>;
}

interface Description {
  command: string;
  args(port: number): string[];
  /** Has no mode without a screen. */
  needsScreen?: true;
  capabilities: Record<string, unknown>;
}

const engines: Record<string, Description> = {
  firefox: {
    command: process.env.GECKODRIVER ?? 'geckodriver',
    args: (port) => ['--port', String(port), '--log', 'fatal'],
    capabilities: {
      browserName: 'firefox',
      'moz:firefoxOptions': {
        binary: process.env.FIREFOX ?? '/usr/bin/firefox-esr',
        args: ['-headless'],
        prefs: { 'intl.accept_languages': 'pt-BR', 'ui.prefersReducedMotion': 1, 'network.captive-portal-service.enabled': false, 'network.connectivity-service.enabled': false },
      },
    },
  },
  webkit: {
    command: process.env.WEBKIT_DRIVER ?? 'WebKitWebDriver',
    args: (port) => [`--port=${port}`],
    needsScreen: true,
    capabilities: { browserName: 'MiniBrowser' },
  },
};

export const names = Object.keys(engines);

/** Starts a driver on a free port, and a browser with it. */
export async function start(name: string): Promise<Engine> {
  const { command, args, needsScreen, capabilities } = engines[name];
  const [port] = await freePorts(1);
  const screen = needsScreen ? await startScreen() : undefined;
  const env = screen ? { ...process.env, DISPLAY: screen.display } : process.env;
  const running = spawn(command, args(port), { stdio: ['ignore', 'ignore', 'inherit'], env });
  const stopAll = async () => {
    await ended(running);
    if (screen) await ended(screen.running);
  };
  let failed: Error | undefined;
  running.on('error', (error) => (failed = error));
  const server = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries++) {
    if (failed) throw failed;
    if (await fetch(`${server}/status`).then((answer) => answer.ok, () => false)) break;
    if (tries > 100) throw new Error(`${command} does not answer`);
    await sleep(100);
  }
  try {
    const driver = await new Builder().usingServer(server).withCapabilities(new Capabilities(capabilities)).build();
    await driver.manage().window().setRect({ width: 1280, height: 1400 });
    return {
      name,
      driver,
      stop: async () => {
        await driver.quit().catch(() => {});
        await stopAll();
      },
    };
  } catch (error) {
    await stopAll();
    throw error;
  }
}

/** A screen in memory, under the first number that is free. */
async function startScreen(): Promise<{ display: string; running: ChildProcess }> {
  const running = spawn('Xvfb', ['-displayfd', '1', '-screen', '0', '1400x1500x24', '-nolisten', 'tcp'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const number = await new Promise<string>((found, failed) => {
    running.stdout.once('data', (chunk) => found(String(chunk).trim()));
    running.once('error', failed);
    running.once('exit', () => failed(new Error('Xvfb ended')));
  });
  return { display: `:${number}`, running };
}

async function ended(running: ChildProcess): Promise<void> {
  if (running.exitCode !== null || running.signalCode !== null) return;
  const gone = new Promise((done) => running.once('exit', done));
  running.kill('SIGTERM');
  await gone;
}

/** What a person does in a browser driven by WebDriver. */
export class Hand {
  constructor(private readonly driver: WebDriver) {}

  async until<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
    for (let tries = 0; tries < 150; tries++) {
      const found = await look().catch(() => undefined);
      if (found) return found as T;
      await sleep(100);
    }
    throw new Error(`not seen: ${what}; the page says: ${await this.script('return document.title + " / " + document.querySelector("main")?.innerText')}`);
  }

  script<T>(body: string): Promise<T> {
    return this.driver.executeScript(body);
  }

  async fill(selector: string, text: string): Promise<void> {
    const field = await this.driver.findElement(By.css(selector));
    await field.clear();
    await field.sendKeys(text);
  }

  /** Presses a button or link by its words. */
  async press(words: string): Promise<void> {
    const target = await this.driver.findElement(By.xpath(`//main//*[self::button or self::a][normalize-space(.)="${words}"] | //footer//*[self::button or self::a][normalize-space(.)="${words}"]`));
    await target.click();
  }

  async at(heading: string): Promise<void> {
    await this.until(heading, () => this.script<boolean>(`return document.querySelector('h1')?.textContent === ${JSON.stringify(heading)}`));
  }

  /** The error summary has the focus and says this. */
  async refused(sentence: string): Promise<void> {
    await this.until(sentence, () => this.script<boolean>(`const it = document.activeElement; return it?.matches('[role=alert]') && it.textContent.includes(${JSON.stringify(sentence)})`));
  }
}
