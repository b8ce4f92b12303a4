// Ways to get quickly to the middle of the journey, by requests in the test's own browser or in a stranger's.
import type { Browser, Page } from '@playwright/test';
import type { Demo } from './demo';
import type { Desk } from './desk';
import type { Mailbox } from './mailbox';
import { draw, type Person, register, split, type Wanted } from './people';
import { Portal } from './portal';
import { Robot } from './robot';

export interface Enrolling {
  person: Person;
  secret: string;
}

export interface Mailed extends Enrolling {
  link: string;
}

export class World {
  readonly mailbox: Mailbox;

  constructor(
    readonly demo: Demo,
    readonly desk: Desk,
    readonly portal: Portal,
    private readonly browser: Browser,
    private readonly watch: (page: Page) => void,
  ) {
    this.mailbox = demo.mailbox;
  }

  /** Registers somebody at JMU, and at STM as wanted. */
  async newPerson(wanted: Wanted = {}): Promise<Person> {
    const person = draw(wanted);
    const { stm = 'none' } = wanted;
    if (stm === 'active') return this.activeAtStm(person);
    if (stm !== 'none') await register(this.demo, 'stm', ...(stm === 'split' ? split(person) : [person]));
    await register(this.demo, 'jmu', person);
    return person;
  }

  /** Two people are registered at JMU where STM has one, so JMU refuses what STM tells, now and later; STM finds the first by the CPF. */
  private async activeAtStm(person: Person): Promise<Person> {
    const atJmu = split(person);
    await register(this.demo, 'jmu', ...atJmu);
    await register(this.demo, 'stm', person);
    await this.activate(person, await this.otherBrowser(this.demo.stm));
    return atJmu[0];
  }

  /** By requests, with the cookies of the test's browser or of another. */
  robot(portal = this.portal): Robot {
    return new Robot(portal.page.context().request, portal.base);
  }

  /** Another browser of the same kind, at JMU unless said otherwise. */
  async otherBrowser(base = this.demo.jmu): Promise<Portal> {
    const page = await (await this.browser.newContext()).newPage();
    this.watch(page);
    return new Portal(page, base, this.portal.script);
  }

  /** Password given; with "Autenticação em dois fatores" unless said otherwise. */
  async signedIn(wanted: Wanted = {}, intent: 'enter' | 'second-factor' = 'second-factor'): Promise<Person> {
    const person = await this.newPerson(wanted);
    await this.robot().signIn(person, intent);
    return person;
  }

  /** The QR code is shown. */
  async enrolling(wanted: Wanted = {}): Promise<Enrolling> {
    const person = await this.signedIn(wanted);
    return { person, secret: await this.robot().begin() };
  }

  /** Code and address are accepted, the mail is there. */
  async mailed(wanted: Wanted = {}): Promise<Mailed> {
    const { person, secret } = await this.enrolling(wanted);
    return { person, secret, link: await this.submitted(person, secret, this.robot()) };
  }

  /** Activated from elsewhere: the test's browser knows nothing of it. */
  async active(wanted: Wanted = {}): Promise<Enrolling> {
    const person = await this.newPerson(wanted);
    return { person, secret: await this.activate(person, await this.otherBrowser()) };
  }

  /** Signed in with the code. */
  async home(wanted: Wanted = {}): Promise<Enrolling> {
    const { person, secret } = await this.active(wanted);
    await this.robot().signIn(person, 'enter');
    await this.robot().code(await this.desk.nextCode(secret));
    return { person, secret };
  }

  /** Inside, and ten recovery codes were made a moment ago; the page shows them. */
  async withCodes(wanted: Wanted = {}): Promise<Enrolling & { codes: string[] }> {
    const { person, secret } = await this.home(wanted);
    await this.robot().post('recovery-codes-make');
    await this.portal.open('/conta/codigos');
    const codes = await this.portal.page.locator('.codes > li').allTextContents();
    return { person, secret, codes };
  }

  /** Inside, and a second authenticator was added. */
  async withTwo(wanted: Wanted = {}): Promise<Enrolling & { second: string }> {
    const { person, secret } = await this.home(wanted);
    // the next mail to the same address is a minute later
    await this.desk.clock(61);
    await this.robot().post('new-phone', { replaces: '', label: 'Tablet' });
    const second = await this.robot().secret();
    await this.robot().submit(await this.desk.code(second), '');
    await this.robot().confirm((await this.mailbox.take(person.email, 'Falta confirmar')).link);
    return { person, secret, second };
  }

  /** A member of the support team, inside in a browser of their own. */
  async member(profile: 'support' | 'supervisor' = 'support'): Promise<Enrolling & { portal: Portal }> {
    const { person, secret } = await this.active({ profiles: [profile] });
    const portal = await this.otherBrowser();
    const robot = this.robot(portal);
    await robot.signIn(person, 'enter');
    await robot.code(await this.desk.nextCode(secret));
    return { person, secret, portal };
  }

  /** The password was given and the support team asked; the page shows the number. */
  async asked(wanted: Wanted = {}): Promise<Enrolling & { number: string }> {
    const { person, secret } = await this.active(wanted);
    await this.robot().signIn(person, 'enter');
    await this.robot().post('entry-ask');
    await this.portal.open('/entrar/sem-celular');
    const number = (await this.portal.page.locator('.number').textContent()) ?? '';
    return { person, secret, number: number.replace(/\D/g, '') };
  }

  private async submitted(person: Person, secret: string, robot: Robot): Promise<string> {
    await robot.submit(await this.desk.code(secret), person.email);
    return (await this.mailbox.take(person.email, 'Falta confirmar')).link;
  }

  private async activate(person: Person, elsewhere: Portal): Promise<string> {
    const robot = this.robot(elsewhere);
    await robot.signIn(person);
    const secret = await robot.begin();
    await robot.confirm(await this.submitted(person, secret, robot));
    await elsewhere.page.context().close();
    return secret;
  }
}
