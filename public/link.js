// On a page behind a mailed link, which loads no wasm. Once the link is used its token has no business in the history: the entry
// becomes that of a link without a token, which says to open the whole link from the mail.
addEventListener("submit", ({ target }) => {
  if (target.elements.token) history.replaceState(null, "", location.pathname.replace(/[^/]+$/, "usado"));
});
