// Loads the wasm, which takes over navigation (frontend/). Every page is complete without it. A file of our own, because the
// content security policy allows no script inside a page.
const { js, wasm } = document.getElementById("boot")?.dataset ?? {};

// A trap ends the listeners of the wasm: from then on links and forms are the browser's again.
const life = new AbortController();
for (const kind of ["error", "unhandledrejection"]) {
  addEventListener(kind, (event) => {
    if ((event.error ?? event.reason) instanceof WebAssembly.RuntimeError) life.abort();
  });
}

try {
  // both at once: the module is ready when the wasm arrives
  const bytes = fetch(wasm);
  bytes.catch(() => {}); // told by the await below
  const module = await import(js);
  await module.default({ module_or_path: bytes });
  module.start(life.signal);
} catch {
  // no network, no wasm, an old browser: documents
}
