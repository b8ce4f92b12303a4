// A real mail server: whatever the portal sends is taken over SMTP and kept by recipient.
import type { Readable } from 'node:stream';
import { expect } from '@playwright/test';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

export interface Mail {
  to: string;
  subject: string;
  text: string;
  /** The link with which its reader can act, or none. */
  link: string;
}

export class Mailbox {
  port = 0;
  /** Every mail taken, oldest first. */
  readonly all: Mail[] = [];
  private readonly unread: Mail[] = [];
  /** While set, the server answers "try again later". */
  busy = false;

  private readonly server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo: (_address: unknown, _session: unknown, done: (error?: Error) => void) => {
      done(this.busy ? Object.assign(new Error('busy'), { responseCode: 451 }) : undefined);
    },
    onData: (stream: Readable, session: { envelope: { rcptTo: { address: string }[] } }, done: (error?: Error) => void) => {
      simpleParser(stream).then(({ subject = '', text = '' }: { subject?: string; text?: string }) => {
        const link = text.match(/http:\/\/\S+\/(?:ativar|nao-fui-eu|liberar-navegador|recuperar)\/\S+/)?.[0] ?? '';
        for (const { address } of session.envelope.rcptTo) {
          const mail = { to: address, subject, text, link };
          this.all.push(mail);
          this.unread.push(mail);
        }
        done();
      }, done);
    },
  });

  static async open(): Promise<Mailbox> {
    const mailbox = new Mailbox();
    await new Promise<void>((done) => mailbox.server.listen(0, '127.0.0.1', done));
    mailbox.port = (mailbox.server.server.address() as { port: number }).port;
    return mailbox;
  }

  close(): Promise<void> {
    return new Promise((done) => this.server.close(() => done()));
  }

  /** Takes the oldest unread mail to an address whose subject holds `subject`; waits for it. */
  async take(to: string, subject = ''): Promise<Mail> {
    const find = () => this.unread.findIndex((mail) => mail.to === to && mail.subject.includes(subject));
    // the portal looks every 5 s whether there is something to tell, and as often whether there is mail to send
    await expect.poll(find, { message: `mail "${subject}" to ${to}`, intervals: [50], timeout: 15_000 }).not.toBe(-1);
    return this.unread.splice(find(), 1)[0];
  }
}
