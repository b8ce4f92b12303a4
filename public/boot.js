// Loads the wasm and wakes the islands of the page. A file of our own, because the content
// security policy allows no script inside a page.
const { js, wasm } = document.getElementById("boot")?.dataset ?? {};

async function wake(module) {
  const callbacks = [];
  async function walk(node) {
    const tag = node.tagName.toLowerCase();
    if (tag === "leptos-island") {
      const island = module[node.dataset.component];
      if (island) {
        callbacks.at(-1)?.();
        await island(node);
      }
    } else if (tag === "leptos-children") {
      callbacks.push(node.$$on_hydrate);
    }
    for (const child of node.children) await walk(child);
    if (tag === "leptos-children") callbacks.pop();
  }
  await walk(document.body);
  document.documentElement.dataset.awake = "";
}

if (js && document.querySelector("leptos-island")) {
  try {
    // both at once: the module is ready when the wasm arrives
    const bytes = fetch(wasm);
    bytes.catch(() => {}); // told by the await below
    const module = await import(js);
    await module.default({ module_or_path: bytes });
    module.hydrate();
    await wake(module);
  } catch {
    // every page is complete without the wasm
  }
}
