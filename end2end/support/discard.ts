// A phone with little memory throws a tab away while another app is in front, and loads its address again when the tab comes
// back: what survives is the browser's cookies and the tab's session storage, not the document and what was typed into it.
import { Portal } from './portal';

export async function discardAndReturn(portal: Portal): Promise<Portal> {
  const { page } = portal;
  const kept = await page.evaluate(() => ({ address: location.href, storage: { ...sessionStorage } as Record<string, string> }));
  const context = page.context();
  await page.close();
  const fresh = await context.newPage();
  await fresh.addInitScript((storage) => {
    if (sessionStorage.getItem('restored')) return;
    sessionStorage.setItem('restored', '1');
    for (const [key, value] of Object.entries(storage)) sessionStorage.setItem(key, value);
  }, kept.storage);
  await fresh.goto(kept.address);
  return new Portal(fresh, portal.base, portal.script);
}
