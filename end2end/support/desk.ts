// The demonstration's desk (clock, STM on and off), and an authenticator app that is not ours.
import { Secret, TOTP } from 'otpauth';

export class Desk {
  constructor(private readonly url: string) {}

  /** The servers' time, seconds since the Unix epoch. */
  async now(): Promise<number> {
    return (await this.state()).now;
  }

  /** Moves the servers' clock forward. */
  async clock(seconds: number): Promise<void> {
    await this.press('clock', { seconds: String(seconds) });
  }

  /** On to ten in the morning in Brasília, so that no test runs over midnight, where times are told with their date. */
  async toMorning(): Promise<void> {
    const day = 86_400;
    await this.clock((13 * 3600 - (await this.now()) % day + day) % day);
  }

  async stm(state: 'on' | 'off'): Promise<void> {
    await this.press('stm', { state });
  }

  /** What the app shows now, on a phone whose clock is off by so many seconds. */
  async code(secret: string, off = 0): Promise<string> {
    return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: ((await this.now()) + off) * 1000 });
  }

  /** What the app shows half a minute later: a code that was not used yet. */
  async nextCode(secret: string): Promise<string> {
    await this.clock(30);
    return this.code(secret);
  }

  /** Six digits that the app shows at no time near now. */
  async wrongCode(secret: string, which = 0): Promise<string> {
    const now = await this.now();
    const totp = new TOTP({ secret: Secret.fromBase32(secret) });
    const near = new Set(Array.from({ length: 121 }, (_, at) => totp.generate({ timestamp: (now + (at - 60) * 30) * 1000 })));
    const wrong = Array.from({ length: 200 }, (_, at) => String(111_111 + at)).filter((code) => !near.has(code));
    return wrong[which];
  }

  private async state(): Promise<{ now: number; stm: boolean }> {
    return (await fetch(`${this.url}/state.json`)).json();
  }

  private async press(button: string, values: Record<string, string>): Promise<void> {
    const answer = await fetch(`${this.url}/${button}`, { method: 'POST', body: new URLSearchParams(values), redirect: 'manual' });
    if (answer.status !== 303) throw new Error(`the desk answered ${answer.status}`);
  }
}
