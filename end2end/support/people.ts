// People of one test each, registered while the demonstration runs.
import { pbkdf2Sync, randomInt } from 'node:crypto';
import type { Demo } from './demo';

export const PASSWORD = 'cavalo certo bateria grampo';

export interface Person {
  id: string;
  name: string;
  sigla: string;
  cpf: string;
  /** Personal address, to be typed at the enrolment. */
  email: string;
  contacts: string[];
  profiles: string[];
}

export interface Wanted {
  /** At STM: nobody, the same person, the same with a factor of their own, or CPF and sigla of two people. */
  stm?: 'none' | 'same' | 'active' | 'split';
  profiles?: string[];
  /** How many addresses are registered before any enrolment. */
  contacts?: number;
  /** The sigla is a CPF. */
  siglaIsCpf?: boolean;
  name?: string;
  /** Name, sigla and addresses as long as the domain allows. */
  longest?: boolean;
}

// As an older system would have hashed it: signing in upgrades it.
const b64 = (bytes: Buffer | string) => Buffer.from(bytes).toString('base64').replaceAll('=', '');
const HASH = `$pbkdf2-sha256$i=1000$${b64('0123456789abcdef')}$${b64(pbkdf2Sync(PASSWORD, '0123456789abcdef', 1000, 32, 'sha256'))}`;

const drawn = (length: number) => Array.from({ length }, () => randomInt(10));

/** The CPFs of one process count up from anywhere: drawn ones meet after a thousand people. */
let nextCpf = randomInt(1_000_000);

/** A CPF that begins with 769, as in the manual, with its check digits. */
function cpf(): string {
  nextCpf = (nextCpf + 1) % 1_000_000;
  const digits = [7, 6, 9, ...String(nextCpf).padStart(6, '0')].map(Number);
  for (const length of [9, 10]) {
    const sum = digits.slice(0, length).reduce((total, digit, at) => total + digit * (length + 1 - at), 0);
    digits.push(((sum * 10) % 11) % 10);
  }
  return digits.join('');
}

/** Makes a person up. */
export function draw(wanted: Wanted = {}): Person {
  const tag = drawn(8).join('');
  const number = cpf();
  // a word of sixty letters breaks nowhere by itself
  const word = (length: number) => 'w'.repeat(length);
  const sigla = wanted.longest ? `${word(52)}${tag}` : `ana.${tag}`;
  const labels = [word(60), word(60), word(56), 'example'];
  return {
    id: `7${drawn(14).join('')}`,
    name: wanted.name ?? (wanted.longest ? `Ana ${word(60)} de Souza e Silva ${word(60)}` : 'Ana Souza'),
    sigla: wanted.siglaIsCpf ? number : sigla,
    cpf: number,
    email: wanted.longest ? `${word(56)}${tag}@${labels.join('.')}` : `ana.${tag}@mail.example`,
    contacts: Array.from({ length: wanted.contacts ?? 0 }, (_, at) => `ana.${tag}.${at + 1}@escritorio.example`),
    profiles: wanted.profiles ?? ['lawyer'],
  };
}

/** Two people with the CPF of the one and the sigla of the other. */
export function split(person: Person): Person[] {
  return [
    { ...person, sigla: `outra.${drawn(8).join('')}` },
    { ...person, id: `8${drawn(14).join('')}`, cpf: '' },
  ];
}

export async function register(demo: Demo, instance: 'jmu' | 'stm', ...people: Person[]): Promise<void> {
  const row = (p: Person) => [p.id, p.name, p.sigla, p.cpf, HASH, p.profiles.join(';'), p.contacts.join(';'), 'pt'];
  const rows = people.map((person) => row(person).join(','));
  await demo.importPeople(instance, ['id,name,sigla,cpf,password_hash,profiles,contacts,language', ...rows].join('\n'));
}
