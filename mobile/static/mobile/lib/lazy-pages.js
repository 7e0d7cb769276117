/** Pages: opened by their hash address and fetched when first opened; and what all of them share. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { arrive, isComing, t, writingKnown } from "./parts.js";

/**
 * @typedef {{pattern: string, page: string, title: string, module?: string, tab?: string, up?: string, open?: boolean, elder?: boolean, asks?: string[]}} Route
 * `module`: what brings the page's component, in the folder whose templates and style sheets come with it; without one it is in the shell.
 * `asks`: what the page asks first.
 */

/** @type {Route[]} the first is home, also for addresses nobody knows */
let routes = [];
let guard = () => null;
let opened = 0;
let missing = false;

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

/** Begin to fetch the parts of an address's page before anything else is done. @returns {string[]} what it asks first */
export function fetchAhead(hash) {
  const { route, params } = resolve(hash);
  arrive(route).catch(() => {});
  return (route.asks ?? []).map((path) => filledIn(path, params));
}

const ANEW = "yidi.anew";
const ANEW_MS = 60000;

/** Where a page leads that cannot be read without a network, if something is kept that can. */
const KEPT = { record: "#/kept", records: "#/kept", referrals: "#/kept", referral: "#/kept/:id" };
let wanted = "";

/** @returns {boolean} whether there is an address that was asked for before */
export const isWanted = () => Boolean(wanted);

/** @returns {string} that address, once */
export function takeWanted() {
  const address = wanted;
  wanted = "";
  return address;
}

/** @returns {boolean} whether another page opens instead of the open one */
function opensKept({ page, params } = Alpine.store("route")) {
  if (!KEPT[page] || !Alpine.store("network").kept) return false;
  const { hash } = location;
  go(filledIn(KEPT[page], params), { replace: true });
  wanted = hash;
  return true;
}

export const LATER_MS = 15000;

/** A page that could not be read for want of a network is read again when there is one. */
function readAgain(page) {
  const stop = new AbortController();
  const again = () => {
    stop.abort();
    if (page.$root?.isConnected && page.state === "error") page.reload();
  };
  const timer = setInterval(() => navigator.onLine && !document.hidden && again(), LATER_MS);
  stop.signal.addEventListener("abort", () => clearInterval(timer));
  window.addEventListener("online", again, { signal: stop.signal });
}

/** Without a network pages cannot come; of another release than this shell's they do not: then all is loaded anew, what was typed is kept. */
function unreachable(error) {
  if (!navigator.onLine || error.unreached) return null;
  if (!error.outdated || Date.now() - sessionStorage.getItem(ANEW) < ANEW_MS) return console.error(error);
  sessionStorage.setItem(ANEW, Date.now());
  location.reload();
  return new Promise(() => {}); // this page is on its way out
}

/** Open the page of the address, unless another was asked for while its parts were on their way. */
async function show() {
  const { hash } = location;
  const { route, params } = resolve(hash);
  const elsewhere = guard(route);
  if (elsewhere) return go(elsewhere, { replace: true });
  if (route.module && !isComing(route.module)) render("loading");
  const module = await arrive(route).catch(unreachable);
  await writingKnown();
  if (location.hash !== hash) return null;
  if (!module && opensKept({ page: route.page, params })) return null;
  const instead = module?.instead?.(route);
  if (instead) return go(instead, { replace: true });
  missing = !module;
  open(route, params, missing ? "unreachable" : route.page);
  if (opened++) document.getElementById("page-title").focus({ preventScroll: true });
  return null;
}

const filledIn = (address, params) => address.replace(/:(\w+)/g, (_, name) => params[name]);

function open(route, params, page) {
  const up = filledIn(route.up ?? "", params);
  Object.assign(Alpine.store("route"), { page, title: route.title, tab: route.tab ?? "", up, params });
  document.title = t("{title} · 异地就医备案", { title: route.title });
  render(page);
}

function render(page) {
  const main = document.getElementById("page");
  main.replaceChildren(document.getElementById(`page-${page}`).content.cloneNode(true));
  window.scrollTo(0, 0);
}

/** @param {string} hash  @param {{replace?: boolean}} [options] replace: the way back skips this page */
export function go(hash, { replace = false } = {}) {
  if (location.hash === hash) show();
  else if (replace) location.replace(hash);
  else location.hash = hash;
}

/** Go elsewhere from a page that was just being read. @param {string} hash  @returns {Promise<never>} for that page: it is on its way out */
export function leave(hash) {
  go(hash, { replace: true });
  return new Promise(() => {});
}

/** What is written on the open page has an address of its own by now, where a reload finds it. @param {string} hash */
export function rename(hash) {
  if (sheets.length) return void sheetsClosed.then(() => rename(hash));
  const { route, params } = resolve(hash);
  history.replaceState(history.state, "", hash);
  Object.assign(Alpine.store("route"), { page: route.page, params });
}

/** Back to where one came from inside these pages; from outside, to the page above. */
export function backOrUp() {
  if (opened > 1) history.back();
  else go(Alpine.store("route").up);
}

/** Read the open page again, after the clock was moved or a sign-in. */
export function refresh() {
  render(Alpine.store("route").page);
  document.getElementById("page-title").focus({ preventScroll: true });
}

/** @param {Route[]} all */
export function setRoutes(all) {
  routes = all;
}

/** What did not arrive comes when all is loaded anew: a browser remembers a script that failed. */
function arriveAgain() {
  if (missing) location.reload();
}

/** @param {(route: Route) => ?string} check gives another address when a page may not be opened */
export function startRouter(check) {
  guard = check;
  window.addEventListener("hashchange", show);
  window.addEventListener("online", arriveAgain);
  window.addEventListener("popstate", backFromSheet);
  if (history.state?.sheet) history.back();
  show();
}

export const routeStore = { page: "", title: "", tab: "", up: "", params: {} };

/**
 * @param {() => Promise<void>} load fills the page's own fields
 * @returns {object} the states `loading`, `ready`, `error` with the sentence in `problem`
 */
export function loads(load) {
  return {
    state: "loading",
    problem: "",
    init() {
      return this.reload();
    },
    async reload() {
      this.state = "loading";
      try {
        await load.call(this);
        this.state = "ready";
      } catch (error) {
        if (error.status === 0 && opensKept()) return;
        this.problem = sentence(error);
        this.state = "error";
        if (error.status === 0) readAgain(this);
      }
    },
  };
}

/** @returns {object} `busy` while an action runs, and what the API said of each field */
export function acts() {
  return {
    busy: false,
    alert: "",
    errors: {},
    /** Run one action; what goes wrong stands beside its field, or in `alert`. @returns {Promise<boolean>} done? */
    async act(work) {
      if (this.busy) return false;
      Object.assign(this, { busy: true, alert: "", errors: {} });
      try {
        await work();
        return true;
      } catch (error) {
        this.fail(error);
        return false;
      } finally {
        this.busy = false;
      }
    },
    fail(error) {
      this.errors = error.fields ?? {};
      this.alert = standsAtFields(error) ? t("请修改标红的地方。") : sentence(error);
      requestAnimationFrame(() => document.querySelector('#page [aria-invalid="true"], #page .alert')?.focus());
    },
  };
}

/** @returns {boolean} every sentence has its place beside a field of this page, so it need not be said twice */
function standsAtFields({ errors }) {
  return Boolean(errors?.every(({ attr }) => attr && document.querySelector(`#page [data-error="${CSS.escape(attr)}"]`)));
}

/** @param {Error} error  @returns {string} */
export function sentence(error) {
  if (error.errors) return error.message;
  console.error(error);
  return t("页面出了问题，请重试。");
}

/** The dialogs above the page, the last one uppermost. @type {HTMLDialogElement[]} */
const sheets = [];
let sheetsClosed = Promise.resolve();

/** Back leads to the entry below the uppermost sheet: so it closes. */
function backFromSheet() {
  const top = sheets.at(-1);
  if (top && history.state?.sheet !== top.id) top.close();
}

const oneBack = () =>
  new Promise((resolve) => {
    window.addEventListener("popstate", resolve, { once: true });
    history.back();
  });

/**
 * Show a dialog above the page. It has an entry of its own in the history, so that the phone's Back closes it, and is gone
 * from there however it is closed.
 * @param {HTMLDialogElement} dialog  @returns {Promise<void>} when it is closed, and one may go elsewhere
 */
export function showSheet(dialog) {
  sheets.push(dialog);
  dialog.showModal();
  history.pushState({ sheet: dialog.id }, "");
  sheetsClosed = new Promise((resolve) => {
    const closed = async () => {
      sheets.splice(sheets.indexOf(dialog), 1);
      if (history.state?.sheet === dialog.id) await oneBack();
      resolve();
    };
    dialog.addEventListener("close", closed, { once: true });
  });
  return sheetsClosed;
}

/** @param {string} text */
export const toast = (text) => Alpine.store("toast").show(text);

/** @param {{title: string, text?: string, ok?: string, danger?: boolean}} question  @returns {Promise<boolean>} */
export const ask = (question) => Alpine.store("ask").open(question);

const TOAST_MS = 2600;
const SAID = "yidi.said";

/** Say it when the pages were loaded anew. @param {string} text */
export const say = (text) => text && sessionStorage.setItem(SAID, text);

/** What the pages of before had to say. */
export function sayAgain() {
  const text = sessionStorage.getItem(SAID);
  sessionStorage.removeItem(SAID);
  if (text) toast(text);
}

export const toastStore = {
  text: "",
  timer: 0,
  show(text) {
    clearTimeout(this.timer);
    this.text = text;
    this.timer = setTimeout(() => (this.text = ""), TOAST_MS);
  },
};

/** A question in a native dialog, which keeps the focus inside and answers Escape with no. */
export const askStore = {
  title: "",
  text: "",
  ok: t("确定"),
  danger: false,
  answer: null,

  open({ title, text = "", ok = t("确定"), danger = false }) {
    Object.assign(this, { title, text, ok, danger });
    const dialog = document.getElementById("ask");
    dialog.returnValue = "";
    return showSheet(dialog).then(() => dialog.returnValue === "ok");
  },
  close(value) {
    document.getElementById("ask").close(value);
  },
};

const heightOf = (selector) => [...document.querySelectorAll(selector)].reduce((sum, { offsetHeight }) => sum + offsetHeight, 0);

/** What stands still above and below the page never hides what gets the focus (css/base.css scrolls by these heights). */
export function watchEdges() {
  const { style } = document.documentElement;
  const measure = () => {
    const heights = { bar: heightOf(".bar"), above: heightOf(".bar, .mends"), below: heightOf(".tabs, .footer") };
    for (const [name, height] of Object.entries(heights)) style.setProperty(`--${name}`, `${height}px`);
  };
  const edges = new ResizeObserver(measure);
  for (const selector of [".bar", "#page"]) edges.observe(document.querySelector(selector));
}
