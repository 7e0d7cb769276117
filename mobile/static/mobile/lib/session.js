/** Who is signed in on this phone: the token, the account, and where to return after signing in. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api, hooks } from "./api.js";
import { forgetKept } from "./keeping.js";
import { go } from "./router.js";

const TOKEN = "yidi.token";
const ACCOUNT = "yidi.account";
const SIGN_IN = "#/signin";

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

export const sessionStore = {
  token: recall(TOKEN),
  account: recall(ACCOUNT),
  returnTo: "",

  /** @param {string} code what WeChat gave, or `sandbox:NAME` */
  async signIn(code) {
    const { token, account } = await api.post("auth/wechat/", { code });
    this.token = token;
    this.account = account;
    remember(TOKEN, token);
    remember(ACCOUNT, account);
    const target = this.returnTo || "#/";
    this.returnTo = "";
    go(target, { replace: true });
  },

  /** The server forgets the token even when the phone is told first. */
  async signOut() {
    await api.post("auth/logout/").catch(() => {});
    forgetKept();
    this.clear();
    go(SIGN_IN, { replace: true });
  },

  clear() {
    this.token = null;
    this.account = null;
    remember(TOKEN, null);
    remember(ACCOUNT, null);
  },
};

/** The token ran out or was revoked: sign in and come back. */
function expired() {
  const session = Alpine.store("session");
  if (!session.token) return;
  session.clear();
  session.returnTo = location.hash;
  Alpine.store("toast").show("登录已过期，请重新登录");
  go(SIGN_IN, { replace: true });
}

/** @returns {?string} where to go instead of a page that needs someone signed in */
export function signedInOnly(route) {
  const session = Alpine.store("session");
  if (session.token) return route.page === "signin" ? "#/" : null;
  if (route.open) return null;
  session.returnTo = location.hash;
  return SIGN_IN;
}

export function connectSession() {
  hooks.token = () => Alpine.store("session").token;
  hooks.unauthorized = expired;
}
