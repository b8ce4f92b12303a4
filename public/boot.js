// Loads the wasm, which takes over navigation (frontend/). Every page is complete without it. A file of our own, because the
// content security policy allows no script inside a page.
const { js, wasm } = document.getElementById("boot")?.dataset ?? {};

// A trap ends the listeners of the wasm: from then on links and forms are the browser's again. The entries that the wasm made
// have no document, so Back and Forward load one.
const life = new AbortController();
function trapped(event) {
  if (life.signal.aborted || !((event.error ?? event.reason) instanceof WebAssembly.RuntimeError)) return;
  life.abort();
  const page = () => location.pathname + location.search;
  const shown = page();
  history.scrollRestoration = "auto";
  addEventListener("popstate", () => page() !== shown && location.reload());
  addEventListener("pagehide", (event) => event.persisted && document.getElementById("main")?.replaceChildren());
  addEventListener("pageshow", (event) => event.persisted && location.reload());
}
for (const kind of ["error", "unhandledrejection"]) addEventListener(kind, trapped);

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
