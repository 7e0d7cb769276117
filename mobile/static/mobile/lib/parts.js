/** What the pages are made of, as it arrives: the words of their language, their scripts and templates. */

import Alpine from "../vendor/alpine-csp.esm.min.js";

/** The language of these pages, as HTTP and `Intl` have it. */
export const language = document.documentElement.lang;
const CHINESE = "zh-CN";

/** What the scripts say in another language, by the Chinese it stands for; laid down before modules run (mobile/texts.py). */
const texts = globalThis.yidiTexts ?? {};

/** @param {string} text Chinese, perhaps with gaps: `还差 {count} 项`  @param {Object<string, any>} [gaps]  @returns {string} in the language of these pages */
export const t = (text, gaps = {}) => (texts[text] ?? text).replace(/\{(\w+)\}/g, (gap, name) => gaps[name] ?? gap);

/** What people sign, marked like `t`: the Chinese, and a translation for reading; none in Chinese itself.  @returns {{text: string, translation: string}} */
export const signed = (text) => ({ text, translation: texts[text] ?? "" });

/** The release these scripts belong to (mobile/release.py): part of the address of all they fetch. */
export const release = import.meta.url.match(/\/release\/(\w+)\//)[1];

/** The business time is on its way: what is counted from it waits. */
let time = Promise.resolve();

export const timeKnown = () => time;

/** @param {Promise<void>} answer which always comes */
export function expectTime(answer) {
  time = answer;
}

/** What was written on this phone before (lib/written.js) is being read: pages open when it is there. */
let writing = Promise.resolve();

export const writingKnown = () => writing;

/** @param {Promise<void>} answer */
export function expectWriting(answer) {
  writing = Promise.all([writing, answer.catch(() => {})]);
}

/** What was asked for; what did not come is asked for again. @type {Map<string, Promise<any>>} */
const coming = new Map();

/** @returns {boolean} whether a part was asked for before */
export const isComing = (name) => coming.has(name);

function once(name, fetchIt) {
  if (!coming.has(name)) {
    const answer = fetchIt();
    answer.catch(() => coming.delete(name));
    coming.set(name, answer);
  }
  return coming.get(name);
}

/** @type {Object<string, string[]>} each module that comes when it is needed, with the parcel it comes in (mobile/parcels.py) and all it needs beyond the first page */
const ahead = JSON.parse(document.getElementById("ahead").textContent);

/** Fetch all that a page needs at once, instead of one import after another. */
function preload(name) {
  for (const address of ahead[name] ?? []) {
    const link = address.endsWith(".css") ? { rel: "preload", as: "style" } : { rel: "modulepreload" };
    document.head.append(Object.assign(document.createElement("link"), link, { href: address }));
  }
}

/** Where time is simulated, pages may count from it as they begin; elsewhere the phone's own is near enough. */
const simulated = "simulated" in document.body.dataset;

/** @param {string} name `lib/keeping`  @returns {Promise<object>} a module that is not of the first page */
export const later = (name) => import(ahead[name][0]).then((parcel) => parcel[name.replace(/\W/g, "_")]);

async function importModule(name) {
  preload(name);
  if (simulated) await Promise.resolve().then(timeKnown); // the time is asked for after the parts
  const module = await later(name);
  for (const [component, page] of Object.entries(module.pages)) Alpine.data(component, page);
  return module;
}

/** A style sheet is waited for until it is there, or will not come. */
const styled = (link) => new Promise((resolve) => (link.onload = link.onerror = resolve));

/** What several folders bring stands here once. */
function isHere(part) {
  if (part.id) return document.getElementById(part.id);
  return [...document.querySelectorAll("link[rel=stylesheet]")].some((link) => link.getAttribute("href") === part.getAttribute("href"));
}

/** The templates of a folder, and the style sheets they need. */
async function fetchTemplates(folder) {
  const address = language === CHINESE ? `/pages/${folder}/` : `/pages/${language.toLowerCase()}/${folder}/`;
  const answer = await fetch(`${address}?r=${release}`).catch((error) => {
    throw Object.assign(error, { unreached: true });
  });
  if (!answer.ok) throw Object.assign(new Error(`${address}: ${answer.status}`), { outdated: answer.status === 404 });
  const arrived = document.createElement("template");
  arrived.innerHTML = await answer.text();
  const fresh = [...arrived.content.children].filter((part) => !isHere(part));
  const sheets = fresh.filter((part) => part.matches("link")).map(styled);
  document.body.append(...fresh);
  await Promise.all(sheets);
}

/** @param {string} folder  @returns {Promise<void>} when its templates and style sheets are here */
export const bring = (folder) => once(folder, () => fetchTemplates(folder));

/** @param {{module?: string}} route  @returns {Promise<object>} the page's module, when it and its templates are here */
export async function arrive({ module: name }) {
  if (!name) return {};
  const folder = name.split("/")[0];
  const [templates, module] = await Promise.allSettled([once(folder, () => fetchTemplates(folder)), once(name, () => importModule(name))]);
  const failed = [templates, module].find(({ status }) => status === "rejected");
  if (failed) throw failed.reason;
  return module.value;
}
