// One browser page on one instance, and what a person does there.
import { expect, type Locator, type Page } from '@playwright/test';
import { PASSWORD, type Person } from './people';

export const TITLES = {
  signIn: 'Entrar',
  notice: 'Habilitar a autenticação em dois fatores',
  enrol: 'Habilitação da autenticação em dois fatores',
  mailSent: 'Abra o link que enviamos',
  changeAddress: 'Corrigir o e-mail pessoal',
  link: 'Confirma a ativação da autenticação em 2 fatores?',
  activated: 'A autenticação em 2 fatores foi ativada.',
  code: 'Código exibido no app do smartphone',
  locked: 'Muitas tentativas',
  home: 'Bem-vindo(a), Ana Souza',
  account: 'Segurança da conta',
  lostPhone: 'Entrar sem o celular',
  codes: 'Códigos de recuperação',
  newPhone: 'Novo celular',
  replaced: 'O novo celular está valendo.',
  desk: 'Suporte',
} as const;

export class Portal {
  constructor(
    readonly page: Page,
    readonly base: string,
    /** Whether scripts run here. */
    readonly script: boolean,
  ) {}

  async open(path = '/'): Promise<void> {
    await this.page.goto(new URL(path, this.base).href);
  }

  /** Waits for the page with this main heading. */
  async at(heading: string): Promise<void> {
    await expect(this.page.getByRole('heading', { level: 1, name: heading, exact: true })).toBeVisible();
  }

  field(label: 'Usuário' | 'Senha' | RegExp): Locator {
    return this.page.getByRole('textbox', { name: label, exact: true });
  }

  get code(): Locator {
    return this.page.locator('#code');
  }

  get email(): Locator {
    return this.page.locator('#email');
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  link(name: string): Locator {
    return this.page.getByRole('link', { name, exact: true });
  }

  async press(name: string): Promise<void> {
    await this.unfold(name);
    await this.button(name).click();
  }

  async follow(name: string): Promise<void> {
    await this.unfold(name);
    await this.link(name).click();
  }

  /** Opens the fold that holds a button or link of this name, as somebody does who looks for it. */
  private async unfold(name: string): Promise<void> {
    // what is folded away has no role: it is found by its text
    const folded = this.page.locator('button, a', { hasText: new RegExp(`^${escaped(name)}$`) });
    const fold = this.page.locator('details:not([open])').filter({ has: folded });
    if ((await fold.count()) > 0) await fold.first().locator('> summary').click();
  }

  /** A sentence that stands on the page. */
  async says(sentence: string, exact = true): Promise<void> {
    await expect(this.page.getByText(sentence, { exact }).filter({ visible: true }).first()).toBeVisible();
  }

  async signIn(person: Person, button: 'Entrar' | 'Autenticação em dois fatores' = 'Entrar', password = PASSWORD): Promise<void> {
    await this.field('Usuário').fill(person.sigla);
    await this.page.locator('#password').fill(password);
    await this.press(button);
  }

  async submitEnrolment(code: string, email: string): Promise<void> {
    await this.code.fill(code);
    await this.email.fill(email);
    await this.press('Enviar link de ativação');
  }

  async enterCode(code: string): Promise<void> {
    await this.code.fill(code);
    await this.press('Entrar');
  }

  /** What a page that waits does by itself with scripts, and by its button without. */
  async waits(button: string, until: () => Promise<void>): Promise<void> {
    if (!this.script) await this.follow(button);
    await until();
  }

  /** The error summary: there, focused, in the title; with these sentences, each beside its field too. */
  async complains(problems: Partial<Record<'login' | 'password' | 'code' | 'email' | '', string>>): Promise<void> {
    const summary = this.page.getByRole('alert');
    await expect(summary).toBeFocused();
    await expect(this.page).toHaveTitle(/^Erro: .+ · e-Proc\/JMU$/);
    await expect(summary.getByRole('heading')).toHaveText('Há um problema');
    await expect(summary.getByRole('listitem')).toHaveText(Object.values(problems));
    for (const [field, sentence] of Object.entries(problems)) {
      if (!field) continue;
      await expect(summary.getByRole('link', { name: sentence, exact: true })).toHaveAttribute('href', `#${field}`);
      const input = this.page.locator(`#${field}`);
      await expect(input).toHaveAttribute('aria-invalid', 'true');
      await expect(input).toHaveAccessibleDescription(new RegExp(escaped(sentence)));
    }
  }
}

export const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** With scripts: until the wasm has taken over, on a document that loads it. */
export async function awake(page: Page): Promise<void> {
  if ((await page.locator('#boot').count()) > 0) await expect(page.locator('html')).toHaveAttribute('data-awake', '');
}
