/** Enter the code that went to the telephone in the register. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api } from "../lib/api.js";
import { acts, toast } from "../lib/page.js";
import { go } from "../lib/router.js";

export function verifyPage() {
  return {
    ...acts(),
    code: "",
    verify() {
      return this.act(async () => {
        await api.post(`persons/${Alpine.store("route").params.id}/verify/`, { code: this.code.trim() });
        toast("验证成功");
        go("#/family", { replace: true });
      });
    },
  };
}
