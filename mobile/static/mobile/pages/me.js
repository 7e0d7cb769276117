/** My account: sign out, close it. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api } from "../lib/api.js";
import { forgetDrafts } from "../lib/draft.js";
import { acts, ask, toast } from "../lib/page.js";
import { go } from "../lib/router.js";

const CLOSING = "注销后将删除您的账户信息，解除全部绑定，不能恢复。依法应当保存的备案记录除外。";

export function mePage() {
  return {
    ...acts(),
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
        forgetDrafts();
        Alpine.store("session").clear();
        toast("账户已注销");
        go("#/signin", { replace: true });
      });
    },
  };
}
