// What a phone's camera would read off the screen.
import { expect, type Page } from '@playwright/test';
import jsQR from 'jsqr';
import { URI } from 'otpauth';
import { PNG } from 'pngjs';

export async function decodeQr(page: Page): Promise<string> {
  const { data, width, height } = PNG.sync.read(await page.screenshot({ fullPage: true }));
  const found = jsQR(new Uint8ClampedArray(data), width, height);
  expect(found, 'a QR code on the screenshot').not.toBeNull();
  return found!.data;
}

export const secretOf = (uri: string) => URI.parse(uri).secret.base32;
