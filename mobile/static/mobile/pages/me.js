/** My account: sign out, close it. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api } from "../lib/api.js";
import { forgetKept } from "../lib/keeping.js";
import { rows } from "../lib/lists.js";
import { acts, ask, toast } from "../lib/page.js";
import { go } from "../lib/router.js";

const CLOSING = "注销后将删除您的账户信息，解除全部绑定，不能恢复。依法应当保存的备案记录除外。";

/** Who I am in the register, if I bound myself; without an answer the page stands all the same. */
async function readSelf() {
  const persons = rows(await api.get("persons/").catch(() => []));
  this.self = persons.find(({ relation, mandate }) => relation === "self" && mandate.status === "active") ?? null;
}

export function mePage() {
  return {
    ...acts(),
    self: null,
    init: readSelf,
    get about() {
      return this.self ? `本人 ${this.self.name}，已验证` : "还没有绑定本人";
    },
    get nickname() {
      return Alpine.store("session").account?.nickname ?? "";
    },
    signOut() {
      return this.act(() => Alpine.store("session").signOut());
    },
    async close() {
      if (!(await ask({ title: "注销账户？", text: CLOSING, ok: "注销", danger: true }))) return;
      await this.act(async () => {
        await api.delete("account/");
        forgetKept();
        Alpine.store("session").clear();
        toast("账户已注销");
        go("#/signin", { replace: true });
      });
    },
  };
}
