// What a phone's camera would read off the screen.
import { expect, type Page } from '@playwright/test';
import jsQR from 'jsqr';
import { URI } from 'otpauth';
import { PNG } from 'pngjs';

export async function decodeQr(page: Page): Promise<string> {
  await page.locator('svg.qr-image').scrollIntoViewIfNeeded();
  // of what is on the screen: a picture of the whole page would resize it, and count as movement
  const { data, width, height } = PNG.sync.read(await page.screenshot());
  const found = jsQR(new Uint8ClampedArray(data), width, height);
  expect(found, 'a QR code on the screenshot').not.toBeNull();
  return found!.data;
}

export const secretOf = (uri: string) => URI.parse(uri).secret.base32;
