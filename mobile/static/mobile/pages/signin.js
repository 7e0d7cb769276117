/** Sign in: in the sandbox by choosing a name, else with the code WeChat put into the address. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { acts } from "../lib/page.js";

/** @returns {?string} the mini-program opens these pages as `/?code=…`; the code is used once, so it leaves the address */
function codeFromWeChat() {
  const code = new URLSearchParams(location.search).get("code");
  if (code) history.replaceState(null, "", location.pathname + location.hash);
  return code;
}

export function signinPage() {
  return {
    ...acts(),
    chosen: "",
    init() {
      const code = codeFromWeChat();
      if (code) this.act(() => Alpine.store("session").signIn(code));
    },
    choose(name) {
      this.chosen = name;
    },
    signIn() {
      return this.act(() => Alpine.store("session").signIn(`sandbox:${this.chosen.trim()}`));
    },
  };
}
