// The desk of the demonstration shows every mail, so no page of another site may read or press it by a name of its own (finding L15).
import { request } from 'node:http';
import { expect, test } from '../fixtures';

const statusFor = (url: string, host: string) =>
  new Promise<number | undefined>((done, fail) => {
    const asked = request(url, { headers: { host } }, (answer) => {
      answer.resume();
      done(answer.statusCode);
    });
    asked.on('error', fail).end();
  });

test('the desk answers to its own address only', { tag: '@once' }, async ({ demo }) => {
  const { host } = new URL(demo.deskUrl);
  expect(await statusFor(`${demo.deskUrl}/state.json`, host)).toBe(200);
  for (const other of ['evil.example', `evil.example:${host.split(':')[1]}`, 'localhost.evil.example']) {
    expect(await statusFor(`${demo.deskUrl}/state.json`, other), other).toBe(421);
  }
});
