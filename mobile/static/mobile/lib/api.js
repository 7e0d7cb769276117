/** The one door to the REST API (token, idempotency keys, versions, time-outs, errors as Chinese sentences), who is signed in, and what this phone stores for them. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { go, say } from "./lazy-pages.js";
import { language, t, timeKnown } from "./parts.js";

const BASE = "/api/v1/";
const TIMEOUT_MS = 20000;
const UNCHANGED = 304;
const OFFLINE = t("网络连接不上。请检查网络后重试，已填写的内容不会丢失。");
const BROKEN = t("系统暂时出了问题，请稍后重试。");
const RETRIED_WITH_SAME_KEY = new Set(["in_progress"]);

/** Keys of POSTs whose outcome is not known yet, so that a retry replays instead of doing it twice. */
const openKeys = new Map();

export class ApiError extends Error {
  /** @param {number} status 0 when the network failed  @param {{code: string, detail: string, attr: ?string}[]} errors */
  constructor(status, errors) {
    super([...new Set(errors.map((error) => error.detail))].join("\n"));
    this.status = status;
    this.errors = errors;
  }

  get code() {
    return this.errors[0]?.code ?? "";
  }

  /** @returns {Object<string, string>} the sentence for each field that is named */
  get fields() {
    return Object.fromEntries(this.errors.filter((error) => error.attr).map((error) => [error.attr, error.detail]));
  }
}

/** @returns {string} a unique string; randomUUID is missing on pages without HTTPS */
export function uniqueKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {number} status  @param {string} text  @returns {ApiError} */
export function readError(status, text) {
  if (status === 401) expired();
  try {
    const { errors } = JSON.parse(text);
    if (errors?.length) return new ApiError(status, errors);
  } catch {
    // a proxy's HTML page, or nothing
  }
  return new ApiError(status, [{ code: "server_error", detail: BROKEN, attr: null }]);
}

export const offlineError = () => new ApiError(0, [{ code: "offline", detail: OFFLINE, attr: null }]);

/** @returns {Object<string, string>} who asks, and in which language the answer is read */
export function authorization() {
  const { token } = Alpine.store("session");
  return { "Accept-Language": language, ...(token && { Authorization: `Bearer ${token}` }) };
}

async function fetchText(path, options) {
  try {
    const response = await fetch(BASE + path, { ...options, signal: AbortSignal.timeout(TIMEOUT_MS) });
    return { response, text: await response.text() };
  } catch {
    throw offlineError();
  }
}

/** @returns {Promise<any>} the parsed answer, when it is known from which time it counts; throws ApiError */
async function send(method, path, { body, headers } = {}) {
  const time = timeKnown();
  const options = { method, headers: { Accept: "application/json", ...authorization(), ...headers } };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  const { response, text } = await ((method === "GET" && takeEarly(path)) || fetchText(path, options));
  if (!response.ok) throw readError(response.status, text);
  await time;
  if (method !== "GET") document.dispatchEvent(new CustomEvent("written", { detail: { method, path } }));
  return text ? JSON.parse(text) : null;
}

/** @param {?number} version  @returns {Object<string, string>} */
const ifMatch = (version) => (version == null ? {} : { "If-Match": `"${version}"` });

/** @param {Object<string, any>} params  @returns {string} without the empty ones */
function query(params) {
  const filled = Object.entries(params).filter(([, value]) => value !== "" && value != null);
  return filled.length ? `?${new URLSearchParams(filled)}` : "";
}

const SOON_MS = 10000;

/** What the first page is sure to ask, asked with its parts. @type {Map<string, {answer: Promise<{response: Response, text: string}>, until: number}>} */
const early = new Map();

/** @returns {?Promise<{response: Response, text: string}>} the answer that was asked for early, once and not long after */
function takeEarly(path) {
  const asked = early.get(path);
  early.delete(path);
  return asked && Date.now() < asked.until ? asked.answer : null;
}

export const api = {
  get: (path, params = {}) => send("GET", path + query(params)),

  /** Ask before the page that wants to know it is there. */
  askEarly(path) {
    const answer = fetchText(path, { headers: { Accept: "application/json", ...authorization() } });
    answer.catch(() => {});
    early.set(path, { answer, until: Date.now() + SOON_MS });
  },

  /**
   * Whether something changed since its answer was tagged so.
   * @param {string} tag  @returns {Promise<{tag: string, body: ?object}>} the body is null while it did not
   */
  async ifChanged(path, tag) {
    const headers = { Accept: "application/json", ...authorization(), ...(tag && { "If-None-Match": tag }) };
    const { response, text } = await ((!tag && takeEarly(path)) || fetchText(path, { headers, cache: "no-store" }));
    if (response.status === UNCHANGED) return { tag, body: null };
    if (!response.ok) throw readError(response.status, text);
    return { tag: response.headers.get("ETag") ?? "", body: JSON.parse(text) };
  },

  /** A question too long for an address: it changes nothing, so it needs no key. */
  ask: (path, body) => send("POST", path, { body }),

  /** A POST keeps its key until the server has answered it for good. */
  async post(path, body = {}, { version = null } = {}) {
    const call = `${path} ${JSON.stringify(body)}`;
    const key = openKeys.get(call) ?? uniqueKey();
    openKeys.set(call, key);
    try {
      const answer = await send("POST", path, { body, headers: { "Idempotency-Key": key, ...ifMatch(version) } });
      openKeys.delete(call);
      return answer;
    } catch (error) {
      if (error.status && error.status < 500 && !RETRIED_WITH_SAME_KEY.has(error.code)) openKeys.delete(call);
      throw error;
    }
  },

  /** Let the phone keep a file, such as a PDF. @param {string} name  @param {number} [patience] of what takes longer */
  async download(path, name, patience = TIMEOUT_MS) {
    const response = await fetch(BASE + path, { headers: authorization(), signal: AbortSignal.timeout(patience) }).catch(() => {
      throw offlineError();
    });
    if (!response.ok) throw readError(response.status, await response.text());
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(await response.blob()), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  },

  patch: (path, body, { version = null } = {}) => send("PATCH", path, { body, headers: ifMatch(version) }),
  delete: (path) => send("DELETE", path),
};

/** @returns {any[]} */
export const rows = (answer) => answer.results ?? answer;

/** What can be read without a network (lib/keeping.js): gone with the session, whatever ended it. */
export const KEPT_DATABASE = "yidi";

/** @returns {Promise<void>} when it is gone, key and all */
const erase = (name) =>
  new Promise((resolve) => {
    if (!globalThis.indexedDB) return void resolve();
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = request.onerror = request.onblocked = () => resolve();
  });

export const eraseKept = () => erase(KEPT_DATABASE);

/** What is written and not at the server (lib/written.js), a database for each account: it outlasts a sign-in that ran out. */
const WRITTEN_DATABASE = "yidi.written.";
const WRITTEN_LASTS_MS = 7 * 86400000;

/** @returns {string} the database of the account that is signed in */
export const writtenDatabase = () => `${WRITTEN_DATABASE}${Alpine.store("session").account?.id}`;

const NOTED = ".at";

/** When something was written last: long after, all of it goes. */
export const noteWriting = () => localStorage.setItem(writtenDatabase() + NOTED, Date.now());
export const hasWriting = () => Boolean(localStorage.getItem(writtenDatabase() + NOTED));

/** What was written long ago goes, whoever wrote it. */
export function eraseOldWriting() {
  for (const name of Object.keys(localStorage).filter((each) => each.startsWith(WRITTEN_DATABASE))) {
    if (Date.now() - localStorage.getItem(name) > WRITTEN_LASTS_MS) eraseWriting(name);
  }
}

function eraseWriting(noted) {
  localStorage.removeItem(noted);
  return erase(noted.slice(0, -NOTED.length));
}

const TOKEN = "yidi.token";
const ACCOUNT = "yidi.account";
const SIGN_IN = "#/signin";
const RETURN = "yidi.return";

function remember(name, value) {
  if (value == null) localStorage.removeItem(name);
  else localStorage.setItem(name, JSON.stringify(value));
}

function recall(name) {
  try {
    return JSON.parse(localStorage.getItem(name));
  } catch {
    return null;
  }
}

/** @returns {string} what pages of before left in this tab for those that follow, once */
export function takenFor(name) {
  const left = sessionStorage.getItem(name) ?? "";
  sessionStorage.removeItem(name);
  return left;
}

export const sessionStore = {
  token: recall(TOKEN),
  account: recall(ACCOUNT),

  /** Where somebody wanted to go, or was when their sign-in ran out. */
  returnTo: takenFor(RETURN),

  /** @param {string} code what WeChat gave, or `sandbox:NAME` */
  async signIn(code) {
    const { token, account } = await api.post("auth/wechat/", { code });
    this.token = token;
    this.account = account;
    remember(TOKEN, token);
    remember(ACCOUNT, account);
    await forgetStored(({ owner }) => owner !== account.id);
    const target = this.returnTo || "#/";
    this.returnTo = "";
    Alpine.store("language").signedIn(account.language);
    Alpine.store("elder").signedIn(account.elder_mode);
    go(target, { replace: true });
  },

  /** The server forgets the token even when the phone is told first. */
  async signOut() {
    await api.post("auth/logout/").catch(() => {});
    await this.leave();
  },
  /** Nothing of a person stays on a phone that was signed out, or whose account is closed. @param {string} [said] what is said of it */
  async leave(said = "") {
    await eraseKept();
    await forgetStored();
    this.begin(said);
  },
  /** To sign in, in pages loaded anew: what those of before hold in memory goes. */
  begin(said) {
    this.clear();
    say(said);
    history.replaceState(null, "", SIGN_IN);
    location.reload(); // none of them is drawn once more before
  },

  clear() {
    eraseKept();
    this.token = null;
    this.account = null;
    remember(TOKEN, null);
    remember(ACCOUNT, null);
  },
};

/** Signing out or in counts in every tab: another one would go on showing, and writing down, what is somebody else's. */
window.addEventListener("storage", ({ key }) => {
  if (key !== TOKEN) return;
  Object.assign(Alpine.store("session"), { token: null, account: null });
  location.reload();
});

/** The token ran out or was revoked: sign in and come back. What was written stays on this phone, for the same account alone. */
function expired() {
  const session = Alpine.store("session");
  if (!session.token) return;
  sessionStorage.setItem(RETURN, location.hash);
  session.begin(t("登录已过期，请重新登录"));
}

/** WeChat opened these pages with a code to sign in by. */
const hasCode = () => new URLSearchParams(location.search).has("code");

/** @returns {?string} where to go instead of a page that needs someone signed in; with a code from WeChat every page does */
export function signedInOnly(route) {
  const session = Alpine.store("session");
  if (session.token) return route.page === "signin" ? "#/" : null;
  if (route.open && (route.page === "signin" || !hasCode())) return null;
  session.returnTo = location.hash;
  return SIGN_IN;
}

/** What this phone keeps for an account: `yidi.places.ID`. Nothing else on it has a name of three parts. */
const STORED = /^yidi\.\w+\.(?<owner>[^.]+)/;

/** What begins with an underscore is of this moment only (progress, preview pictures). */
export const lasting = (name, value) => (name.startsWith("_") ? undefined : value);

function addressOf(name) {
  const { account } = Alpine.store("session");
  return account && `yidi.${name}.${account.id}`;
}

const read = (address) => JSON.parse(localStorage.getItem(address ?? "") ?? "{}");

/** @returns {object} what the account wrote under this name; empty without any */
export const stored = (name) => read(addressOf(name));

/** Keep data under this name, for the account that is signed in. @param {object} data */
export function store(name, data) {
  const address = addressOf(name);
  if (address) localStorage.setItem(address, JSON.stringify(data));
}

/** @param {(named: {owner: string}) => boolean} [which] of what is written down; all of it when somebody signs out */
async function forgetStored(which = () => true) {
  for (const name of Object.keys(localStorage)) {
    const stored = STORED.exec(name);
    if (!stored || !which(stored.groups)) continue;
    if (name.startsWith(WRITTEN_DATABASE)) await eraseWriting(name);
    else localStorage.removeItem(name);
  }
}
