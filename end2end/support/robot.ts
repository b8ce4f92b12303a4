// Steps by plain requests, without drawing pages: to get quickly to where a test begins. Given a browser's own request
// context it shares that browser's cookies.
import type { APIRequestContext, APIResponse } from '@playwright/test';
import { PASSWORD, type Person } from './people';

export class Robot {
  constructor(
    private readonly request: APIRequestContext,
    private readonly base: string,
  ) {}

  async post(endpoint: string, form: Record<string, string> = {}): Promise<APIResponse> {
    const headers = { origin: this.base, accept: 'text/html' };
    const answer = await this.request.post(`${this.base}/api/${endpoint}`, { form, headers, maxRedirects: 0 });
    if (answer.status() !== 302) throw new Error(`${endpoint}: ${answer.status()}`);
    return answer;
  }

  signIn(person: Person, intent: 'enter' | 'second-factor' = 'second-factor'): Promise<APIResponse> {
    return this.post('sign-in', { login: person.sigla, password: PASSWORD, intent });
  }

  /** Prosseguir: the secret of the new QR code. */
  async begin(): Promise<string> {
    await this.post('enrolment-begin');
    return this.secret();
  }

  /** The secret of the QR code that this browser is shown. */
  async secret(): Promise<string> {
    const page = await (await this.request.get(`${this.base}/habilitar`)).text();
    const secret = page.match(/[?;&]secret=([A-Z2-7]{32})/)?.[1];
    if (!secret) throw new Error('no secret on the enrol page');
    return secret;
  }

  submit(code: string, email: string): Promise<APIResponse> {
    return this.post('enrolment-submit', { code, email });
  }

  confirm(link: string): Promise<APIResponse> {
    return this.post('activation-confirm', { token: tokenOf(link) });
  }

  code(code: string): Promise<APIResponse> {
    return this.post('verify-code', { code });
  }
}

export const tokenOf = (link: string) => link.slice(link.lastIndexOf('/') + 1);
