// What a phone's camera would read off the screen.
import { expect, type Page } from '@playwright/test';
import jsQR from 'jsqr';
import { URI } from 'otpauth';
import { PNG } from 'pngjs';

export async function decodeQr(page: Page): Promise<string> {
  await unfoldQr(page);
  await page.locator('svg.qr-image').scrollIntoViewIfNeeded();
  // of what is on the screen: a picture of the whole page would resize it, and count as movement
  const { data, width, height } = PNG.sync.read(await page.screenshot());
  const found = jsQR(new Uint8ClampedArray(data), width, height);
  expect(found, 'a QR code on the screenshot').not.toBeNull();
  return found!.data;
}

/** On a phone and after a refusal the QR code is folded away. */
export async function unfoldQr(page: Page): Promise<void> {
  const image = page.locator('svg.qr-image');
  await image.waitFor({ state: 'attached' });
  if (await image.isVisible()) return;
  await page.locator('summary').filter({ hasText: /outro aparelho|another device|Mostrar de novo|Show the QR code/, visible: true }).click();
}

export const secretOf = (uri: string) => URI.parse(uri).secret.base32;
