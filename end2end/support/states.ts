// Every page in every state, and how to get there: the one list behind the accessibility tests, the manual's sentences and
// the contact sheet. Values that change from run to run are given back for whoever compares texts.
import { guessToTheLimit } from './guess';
import type { World } from './world';

type Values = Record<string, string>;
type Reach = (world: World) => Promise<Values | void>;

const show = (path: string, prepare?: Reach): Reach => async (world) => {
  const values = await prepare?.(world);
  await world.portal.open(path);
  return values;
};

const enrol: Reach = show('/habilitar', async (world) => {
  const { person, secret } = await world.enrolling();
  return { secret, sigla: person.sigla };
});
const mailSent: Reach = show('/habilitar/email-enviado', async (world) => {
  const { person } = await world.mailed();
  return { email: person.email };
});
const code: Reach = show('/entrar/codigo', async (world) => {
  const { person, secret } = await world.active();
  await world.robot().signIn(person, 'enter');
  return { sigla: person.sigla, secret };
});

/** The enrol page after a submission that is refused. */
const enrolRefused = (email: string, digits: (world: World, secret: string) => Promise<string>): Reach => async (world) => {
  const values = (await enrol(world)) as Values;
  await world.portal.submitEnrolment(await digits(world, values.secret), email);
  await world.portal.page.getByRole('alert').waitFor();
  return values;
};

/** The page behind a link about which something happened. */
const refused = (meanwhile: (world: World, link: string) => Promise<void>): Reach => async (world) => {
  const { link } = await world.mailed();
  await meanwhile(world, link);
  await world.portal.open(link);
};

/** The page after Confirmar. */
const activated = (wanted: Parameters<World['mailed']>[0], state: string): Reach => async (world) => {
  const { person, link } = await world.mailed(wanted);
  await world.portal.open(link);
  await world.portal.press('Confirmar');
  await world.portal.page.locator(`[data-state="${state}"]`).waitFor();
  return { id: person.id, cpf: person.cpf.slice(0, 3) };
};

/** The page behind the link of a notice. */
const notMe = (subject: string, contact = true): Reach => async (world) => {
  const { person, link } = await world.mailed({ contacts: 1 });
  if (subject.includes('ativada')) await world.robot().confirm(link);
  const notice = await world.mailbox.take(contact ? person.contacts[0] : person.email, subject);
  await world.portal.open(notice.link);
};

/** The page behind the link that is mailed when no attempt is judged any more. */
const signInLink: Reach = async (world) => {
  const { contact } = (await states['sign-in-at-the-limit'](world)) as Record<string, string>;
  const mail = await world.mailbox.take(contact, 'Muitas tentativas de entrar na sua conta');
  await world.portal.open(mail.link);
};

/** A page with everything unfolded. */
const unfolded = (reach: Reach): Reach => async (world) => {
  const values = await reach(world);
  for (const summary of await world.portal.page.locator('details > summary').all()) if (await summary.isVisible()) await summary.click();
  return values;
};

const required = { profiles: ['magistrate'] };

export const states: Record<string, Reach> = {
  'sign-in': show('/'),
  'sign-in-forgotten': unfolded(show('/')),
  'sign-in-empty': async ({ portal }) => {
    await portal.open();
    await portal.press('Entrar');
  },
  'sign-in-mismatch': async (world) => {
    await world.portal.open();
    await world.portal.signIn(await world.newPerson(), 'Entrar', 'outra senha');
    await world.portal.page.getByRole('alert').waitFor();
  },
  'sign-in-blocked': async (world) => {
    const person = await world.newPerson();
    await world.demo.command('jmu', 'person', 'block', person.sigla, '--reason', 'e2e');
    await world.portal.open();
    await world.portal.signIn(person);
    await world.portal.page.getByRole('alert').waitFor();
  },
  'sign-in-at-the-limit': async (world) => {
    const person = await world.newPerson({ contacts: 1 });
    await guessToTheLimit(world.portal.base, person.sigla);
    await world.portal.open();
    await world.portal.signIn(person);
    await world.portal.page.getByRole('alert').waitFor();
    return { sigla: person.sigla, contact: person.contacts[0] };
  },
  'sign-in-link': signInLink,
  'sign-in-link-done': async (world) => {
    await signInLink(world);
    await world.portal.press('Liberar este navegador');
    await world.portal.at('Navegador liberado');
  },
  notice: show('/habilitar/aviso', async (world) => void (await world.signedIn())),
  'notice-without-phone': unfolded(show('/habilitar/aviso', async (world) => void (await world.signedIn()))),
  'notice-required': show('/habilitar/aviso', async (world) => void (await world.signedIn(required, 'enter'))),
  'notice-voids-another': show('/habilitar/aviso', async (world) => {
    const { person } = await world.enrolling();
    await world.portal.page.context().clearCookies();
    await world.robot().signIn(person);
  }),
  'notice-replaced': show('/habilitar/aviso', async (world) => {
    const { person } = await world.enrolling();
    const other = world.robot(await world.otherBrowser());
    await other.signIn(person);
    await other.begin();
  }),
  'notice-expired': show('/habilitar/aviso', async (world) => {
    const { person } = await world.enrolling();
    await world.desk.clock(61 * 60);
    await world.robot().signIn(person);
  }),
  enrol,
  'enrol-folds-open': unfolded(enrol),
  'enrol-wrong-code': enrolRefused('ana@mail.example', (world, secret) => world.desk.wrongCode(secret)),
  'enrol-clock-off': enrolRefused('ana@mail.example', (world, secret) => world.desk.code(secret, 120)),
  'enrol-two-errors': enrolRefused('ana@stm.jus.br', async () => '12345'),
  'enrol-typo': enrolRefused('ana@gmial.com', (world, secret) => world.desk.code(secret)),
  'enrol-extended': async (world) => {
    await enrol(world);
    await world.portal.press('Preciso de mais tempo');
    await world.portal.page.getByText('Pronto: página válida até').waitFor();
  },
  'mail-sent': mailSent,
  'mail-sent-again': async (world) => {
    await mailSent(world);
    await world.desk.clock(61);
    await world.portal.press('Enviar novo e-mail');
    await world.portal.page.getByText('Um novo e-mail está a caminho').waitFor();
  },
  'mail-sent-link-over': show('/habilitar/email-enviado', async (world) => {
    const { person } = await world.mailed(required);
    await world.desk.clock(61 * 60);
    await world.robot().signIn(person);
  }),
  'mail-sent-signed-in': show('/habilitar/email-enviado', async (world) => {
    const { person } = await world.mailed();
    await world.robot().signIn(person, 'enter');
  }),
  'mail-sent-too-soon': async (world) => {
    await mailSent(world);
    await world.portal.press('Enviar novo e-mail');
    await world.portal.page.getByRole('alert').waitFor();
  },
  'mail-sent-retrying': async (world) => {
    world.mailbox.busy = true;
    const { person, secret } = await world.enrolling();
    await world.robot().submit(await world.desk.code(secret), person.email);
    await world.portal.open('/habilitar/email-enviado');
    await world.portal.waits('Verificar agora', () => world.portal.says('O servidor de correio não aceitou o e-mail. Tentaremos de novo.'));
  },
  'mail-sent-provisional': show('/habilitar/email-enviado', async (world) => void (await world.mailed(required))),
  'change-address': show('/habilitar/corrigir-email', async (world) => void (await world.mailed())),
  'change-address-refused': async (world) => {
    await show('/habilitar/corrigir-email', (world) => world.mailed().then(() => {}))(world);
    await world.portal.email.fill('ana@gov.br');
    await world.portal.press('Enviar para este endereço');
    await world.portal.page.getByRole('alert').waitFor();
  },
  link: async (world) => {
    const { person, link } = await world.mailed();
    await world.portal.open(link);
    return { sigla: person.sigla };
  },
  'link-unknown': show(`/ativar/${'A'.repeat(43)}`),
  'link-expired': refused(async ({ desk }) => desk.clock(61 * 60)),
  'link-used': refused(async (world, link) => void (await world.robot().confirm(link))),
  'link-newer-qr': refused(async (world) => void (await world.robot().post('enrolment-begin'))),
  'link-address-corrected': refused(async (world) => {
    await world.desk.clock(61);
    await world.robot().post('enrolment-address', { email: 'outra@mail.example' });
  }),
  'link-cancelled': refused(async (world) => void (await world.robot().post('enrolment-cancel'))),
  denied: show('/ativacao-recusada'),
  activated: activated({ stm: 'same' }, 'success'),
  'activated-no-record': activated({ siglaIsCpf: true }, 'failed'),
  'activated-already': activated({ stm: 'active' }, 'failed'),
  'activated-two-people': activated({ stm: 'split' }, 'failed'),
  'activated-pending': async (world) => {
    await world.desk.stm('off');
    return activated({ stm: 'same' }, 'pending')(world);
  },
  'activated-gone': show('/ativada'),
  code,
  'code-without-phone': unfolded(code),
  'code-wrong': async (world) => {
    const { secret } = (await code(world)) as Values;
    await world.portal.enterCode(await world.desk.wrongCode(secret));
    await world.portal.page.getByRole('alert').waitFor();
  },
  'code-locked': show('/entrar/codigo', async (world) => {
    const { person, secret } = await world.active();
    await world.robot().signIn(person, 'enter');
    for (const which of [0, 1, 2]) await world.robot().code(await world.desk.wrongCode(secret, which));
  }),
  'code-provisional': show('/entrar/codigo', async (world) => {
    const { person } = await world.mailed(required);
    await world.robot().signIn(person, 'enter');
  }),
  'home-without-factor': show('/inicio', async (world) => void (await world.signedIn({ profiles: ['staff', 'lawyer'] }, 'enter'))),
  'home-pending': show('/inicio', async (world) => {
    const { person } = await world.mailed();
    await world.robot().signIn(person, 'enter');
  }),
  'home-provisional': show('/inicio', async (world) => {
    const { person, secret } = await world.mailed(required);
    await world.robot().signIn(person, 'enter');
    await world.robot().code(await world.desk.nextCode(secret));
  }),
  home: show('/inicio', async (world) => {
    const { person } = await world.home({ stm: 'same' });
    return { sigla: person.sigla };
  }),
  account: show('/conta', async (world) => void (await world.home())),
  'account-two': show('/conta', async (world) => void (await world.withTwo())),
  codes: show('/conta/codigos', async (world) => void (await world.home())),
  'codes-made': async (world) => {
    const { person, codes } = await world.withCodes();
    return { sigla: person.sigla, ...Object.fromEntries(codes.map((code, at) => [`code${at}`, code])) };
  },
  'codes-mistyped': async (world) => {
    await world.withCodes();
    await world.portal.page.locator('#recovery_code').fill('00000-00000');
    await world.portal.press('Confirmar que guardei');
    await world.portal.page.getByRole('alert').waitFor();
  },
  'codes-kept': async (world) => {
    const { codes } = await world.withCodes();
    await world.portal.page.locator('#recovery_code').fill(codes[0]);
    await world.portal.press('Confirmar que guardei');
    await world.portal.says('Pronto: seus códigos estão guardados.');
  },
  'codes-proof': show('/conta/codigos', async (world) => {
    await world.home();
    await world.desk.clock(11 * 60);
  }),
  'home-few-codes': async (world) => {
    const { person, codes } = await world.withCodes();
    for (const code of codes.slice(0, 7)) {
      await world.robot().signIn(person, 'enter');
      await world.robot().post('recovery-code', { recovery_code: code });
    }
    await world.portal.open('/inicio');
  },
  'new-phone': show('/conta/novo-celular', async (world) => void (await world.home())),
  'new-phone-scan': async (world) => {
    await world.home();
    await world.desk.clock(61);
    await world.portal.open('/conta/novo-celular');
    await world.portal.press('Prosseguir');
    await world.portal.at('Habilitação da autenticação em dois fatores');
  },
  'new-phone-active': async (world) => {
    const { person } = await world.home({ stm: 'same' });
    await world.desk.clock(61);
    await world.portal.open('/conta/novo-celular');
    await world.portal.press('Prosseguir');
    await world.portal.at('Habilitação da autenticação em dois fatores');
    await world.robot().submit(await world.desk.code(await world.robot().secret()), '');
    await world.portal.open((await world.mailbox.take(person.email, 'Falta confirmar')).link);
    await world.portal.press('Confirmar');
    await world.portal.at('O novo celular está valendo.');
  },
  authenticators: show('/conta/aplicativos', async (world) => void (await world.withTwo())),
  sessions: show('/conta/sessoes', async (world) => {
    const { person } = await world.home();
    await world.robot(await world.otherBrowser()).signIn(person, 'enter');
  }),
  history: show('/conta/historico', async (world) => void (await world.home())),
  block: show('/conta/bloquear', async (world) => void (await world.home())),
  blocked: show('/conta-bloqueada'),
  'lost-phone': show('/entrar/sem-celular', async (world) => {
    const { person } = await world.withCodes();
    await world.robot().signIn(person, 'enter');
  }),
  'lost-phone-wrong-code': async (world) => {
    await states['lost-phone'](world);
    await world.portal.page.locator('#recovery_code').fill('00000-00000');
    await world.portal.press('Entrar');
    await world.portal.page.getByRole('alert').waitFor();
  },
  'lost-phone-asked': async (world) => {
    const { number } = await world.asked();
    return { number: `${number.slice(0, 3)} ${number.slice(3)}` };
  },
  'lost-phone-mailbox': async (world) => {
    const { person } = await world.active();
    await world.robot().signIn(person, 'enter');
    await world.robot().post('recovery-ask');
    await world.portal.open('/entrar/sem-celular');
  },
  'stolen-phone': show('/entrar/celular-roubado', async (world) => {
    const { person } = await world.withCodes();
    await world.robot().signIn(person, 'enter');
  }),
  'recovery-link': async (world) => {
    const { person } = await world.active();
    await world.robot().signIn(person, 'enter');
    await world.robot().post('recovery-ask');
    await world.desk.clock(24 * 3600);
    const { link } = await world.mailbox.take(person.email, 'Seu link para entrar sem o celular');
    await world.desk.toMorning();
    await world.portal.open(link);
    return { sigla: person.sigla };
  },
  'support-desk': show('/suporte', async (world) => void (await world.home({ profiles: ['support'] }))),
  'support-desk-unknown': async (world) => {
    await states['support-desk'](world);
    await world.portal.page.locator('#number').fill('000000');
    await world.portal.press('Abrir o pedido');
    await world.portal.page.getByRole('alert').waitFor();
  },
  entry: async (world) => {
    const { person, number } = await world.asked();
    await world.portal.page.context().clearCookies();
    await world.home({ profiles: ['support'] });
    await world.portal.open(`/suporte/pedido/${number}`);
    return { sigla: person.sigla, number };
  },
  'entry-refused': async (world) => {
    await states.entry(world);
    await world.portal.press('Liberar');
    await world.portal.page.getByRole('alert').waitFor();
  },
  'entry-two-needed': async (world) => {
    const { number } = await world.asked({ profiles: ['magistrate'] });
    await world.portal.page.context().clearCookies();
    await world.home({ profiles: ['supervisor'] });
    await world.portal.open(`/suporte/pedido/${number}`);
  },
  'not-me-changed': async (world) => {
    const { person } = await world.withCodes();
    const alert = await world.mailbox.take(person.email, 'Novos códigos de recuperação');
    await world.portal.open(alert.link);
  },
  'not-me-started': notMe('iniciada'),
  'not-me-activated': notMe('ativada'),
  'not-me-password': async (world) => {
    const { person } = await world.active();
    await world.robot().signIn(person, 'enter');
    await world.desk.clock(310);
    const alert = await world.mailbox.take(person.email, 'Sua senha foi usada sem o código');
    await world.portal.open(alert.link);
  },
  reported: async (world) => {
    await notMe('iniciada')(world);
    await world.portal.press('Não fui eu: bloquear a conta');
    await world.portal.at('A conta foi bloqueada');
  },
  privacy: show('/privacidade'),
  'not-found': show('/nao-existe'),
};

