/** Step 5, 结果: the number, and by when it will be decided. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api } from "../lib/api.js";
import { present } from "../lib/filings.js";
import { dateTime } from "../lib/format.js";
import { loads } from "../lib/page.js";

/** What was submitted is no longer a draft; it is cleared here, when the steps that show it are left. */
async function readFiling() {
  const { id } = Alpine.store("route").params;
  this.filing = present(await api.get(`filings/${id}/`));
  if (Alpine.store("draft").data.filing?.id === id) Alpine.store("draft").clear();
}

export function fileDonePage() {
  return {
    ...loads(readFiling),
    filing: null,
    get approved() {
      return this.filing.code === "approved";
    },
    get icon() {
      return this.approved ? "#i-check" : "#i-clock";
    },
    get title() {
      return this.approved ? "备案已生效" : "已提交，等待审核";
    },
    get text() {
      return this.approved ? "现在就可以凭医保码或社保卡在就医地直接结算。" : this.filing.when;
    },
    get facts() {
      const { number, title, validity, due_at, due_provisional } = this.filing;
      const provisional = due_provisional ? "（暂定：放假安排公布后可能调整）" : "";
      return [
        { name: "受理编号", text: number },
        { name: "备案", text: title },
        { name: "有效期", text: validity },
        ...(this.approved ? [] : [{ name: "办结时限", text: dateTime(due_at) + provisional }]),
      ];
    },
  };
}
