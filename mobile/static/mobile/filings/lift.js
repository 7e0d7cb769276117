/** A filing that is locked, cancelled early by documents where the insured area lets them lift the lock. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api } from "../lib/api.js";
import { uploads } from "../lib/documents.js";
import { ask, go, loads, toast } from "../lib/lazy-pages.js";
import { t } from "../lib/parts.js";
import { keepsUnsent } from "../lib/unsent.js";
import { date, presentFiling } from "../lib/words.js";

/** Which papers do is the agency's to say: whoever reads them later sees the reason too. */
const PAPERS = [{ kind: "other", label: t("提前办理的证明材料"), required: true, alternatives: [], note: t("例如已回参保地居住、已结束异地工作的证明") }];

function liftPage() {
  return {
    ...loads(async function () {
      this.filing = presentFiling(await api.get(`filings/${Alpine.store("route").params.id}/`));
      await this.recall();
    }),
    ...uploads(),
    ...keepsUnsent(({ filing }) => `lift ${filing.id}`),
    filing: null,
    files: [],
    marks: [],
    reason: "",
    documents: PAPERS,
    get contents() {
      return { reason: this.reason, files: this.files };
    },
    get may() {
      return this.filing.actions.includes("cancel");
    },
    get explanation() {
      if (!this.may) return t("这份备案现在不能取消。");
      return t("按参保地规定，{day}前（含当日）一般不能取消；提交证明材料的，可以提前取消。取消后，在就医地不能再直接结算。", { day: date(this.filing.lock.cancel_until) });
    },
    async send() {
      if (!this.may) return;
      if (!this.sentFiles(PAPERS).length) return void (this.errors = { materials: t("请先上传证明材料。") });
      if (!(await ask({ title: t("取消这份备案？"), text: t("正在住院的，请出院结算后再取消。"), ok: t("取消备案"), danger: true }))) return;
      await this.act(async () => {
        const { id, version } = this.filing;
        await api.post(`filings/${id}/cancel/`, { reason: this.reason.trim(), materials: this.sentFiles(PAPERS) }, { version });
        this.sent();
        toast(t("已取消"));
        go(`#/records/${id}`, { replace: true });
      });
    },
  };
}

export const pages = { liftPage };
