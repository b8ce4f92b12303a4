// Wrong passwords from many networks: every 127.x.y.0/24 of this machine is one.
import { request } from 'node:http';

/** Posts one wrong password from this address of the machine, and waits for the answer. */
function guess(portal: string, login: string, localAddress: string): Promise<void> {
  const url = new URL('/api/sign-in', portal);
  const headers = { origin: url.origin, 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' };
  return new Promise((done, failed) => {
    const post = request(url, { method: 'POST', headers, localAddress }, (answer) => answer.resume().on('end', done));
    post.on('error', failed);
    post.end(new URLSearchParams({ login, password: 'errada', intent: 'enter' }).toString());
  });
}

/** Guesses until no network's attempts are judged any more: five free ones from each of sixteen. */
export async function guessToTheLimit(portal: string, login: string): Promise<void> {
  const networks = Array.from({ length: 16 }, (_, n) => `127.9.${n}.1`);
  await Promise.all(networks.map(async (address) => {
    for (let n = 0; n < 5; n += 1) await guess(portal, login, address);
  }));
}
