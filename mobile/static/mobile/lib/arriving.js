/** The pages before a visit come after the first page, so that a phone on a slow network sees that one sooner. */

import Alpine from "../vendor/alpine-csp.esm.min.js";

let coming = null;

async function fetchPages() {
  const [answer, { pages }] = await Promise.all([fetch("/visit/"), import("../visit/index.js")]);
  if (!answer.ok) throw new Error(`visit/: ${answer.status}`);
  const html = await answer.text();
  for (const [name, page] of Object.entries(pages)) Alpine.data(name, page);
  document.body.insertAdjacentHTML("beforeend", html);
  await Promise.all([...document.body.querySelectorAll('link[rel="stylesheet"]')].map(styled));
}

/** A page is shown once its style sheets are there, or will not come. */
const styled = (link) => new Promise((resolve) => (link.onload = link.onerror = resolve));

/** Templates, style sheets and components, once; what did not come is asked for again when the shell is loaded anew. @returns {Promise<void>} */
export function arrive() {
  coming ??= fetchPages();
  return coming;
}
