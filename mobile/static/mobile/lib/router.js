/** Hash addresses to pages: each page is a <template>, cloned into <main> when its address is opened. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { routes } from "../routes.js";
import { arrive } from "./arriving.js";

/** @typedef {{pattern: string, page: string, title: string, tab?: string, up?: string, open?: boolean, later?: boolean}} Route `later`: arrives after the first page */

let guard = () => null;
let opened = 0;

/** @param {string} pattern  @param {string[]} parts  @returns {?Object<string, string>} the named parts, or null */
function match(pattern, parts) {
  const names = pattern.split("/");
  if (names.length !== parts.length) return null;
  const params = {};
  for (const [index, name] of names.entries()) {
    if (name.startsWith(":")) params[name.slice(1)] = decodeURIComponent(parts[index]);
    else if (name !== parts[index]) return null;
  }
  return params;
}

/** @param {string} hash `#/records/12`  @returns {{route: Route, params: Object<string, string>}} */
function resolve(hash) {
  const parts = hash.replace(/^#?\/?/, "").split("?")[0].split("/");
  for (const route of routes) {
    const params = match(route.pattern, parts);
    if (params) return { route, params };
  }
  return { route: routes[0], params: {} };
}

/** Open the page of the address, unless another was asked for while its parts were on their way. */
async function show() {
  const { hash } = location;
  const { route, params } = resolve(hash);
  const elsewhere = guard(route);
  if (elsewhere) return go(elsewhere, { replace: true });
  const here = !route.later || (await arrive().then(() => true, () => false));
  if (location.hash === hash) open(route, params, here ? route.page : "unreachable");
  return null;
}

function open(route, params, page) {
  const up = (route.up ?? "").replace(/:(\w+)/g, (_, name) => params[name]);
  Object.assign(Alpine.store("route"), { page, title: route.title, tab: route.tab ?? "", up, params });
  document.title = `${route.title} · 异地就医备案`;
  render(page);
}

function render(page) {
  const main = document.getElementById("page");
  main.replaceChildren(document.getElementById(`page-${page}`).content.cloneNode(true));
  window.scrollTo(0, 0);
  if (opened++) document.getElementById("page-title").focus({ preventScroll: true });
}

/** @param {string} hash  @param {{replace?: boolean}} [options] replace: the way back skips this page */
export function go(hash, { replace = false } = {}) {
  if (location.hash === hash) show();
  else if (replace) location.replace(hash);
  else location.hash = hash;
}

/** Back to where one came from inside these pages; from outside, to the page above. */
export function backOrUp() {
  if (opened > 1) history.back();
  else go(Alpine.store("route").up);
}

/** Read the open page again, after the clock was moved or a sign-in. */
export const refresh = () => render(Alpine.store("route").page);

/** @param {(route: Route) => ?string} check gives another address when a page may not be opened */
export function startRouter(check) {
  guard = check;
  window.addEventListener("hashchange", show);
  show();
}

export const routeStore = { page: "", title: "", tab: "", up: "", params: {} };
