/** One claim: where it stands, what it came to, where the money is, and how it came here. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api } from "../lib/api.js";
import { presentChecks } from "../lib/checks.js";
import { acts, ask, loads, toast } from "../lib/page.js";
import { go } from "../lib/router.js";
import { presentEvents } from "./timeline.js";
import { word } from "../lib/words.js";
import { factsOf, fieldName, paymentOf, present, resultOf } from "./claims.js";

const DECIDED = new Set(["returned", "approved", "rejected"]);
const EDITS = new Set(["submit", "resubmit"]);

const ACTIONS = {
  submit: { name: "继续填写", look: "weui-btn_primary" },
  resubmit: { name: "去补正", look: "weui-btn_primary" },
  withdraw: { name: "撤回申请", look: "weui-btn_default", title: "撤回这份申请？", text: "撤回后不再审核；在期限内可以重新申请。", done: "已撤回" },
};

const DRAFT_ACTIONS = {
  withdraw: { name: "放弃草稿", title: "放弃这份草稿？", text: "已填写的内容将不再保留。", done: "已放弃" },
};

async function readClaim() {
  this.record = await api.get(`claims/${Alpine.store("route").params.id}/`);
}

export function claimPage() {
  return {
    ...loads(readClaim),
    ...acts(),
    record: null,
    get claim() {
      return present(this.record);
    },
    get decision() {
      const { reason = "", fields = [] } = (DECIDED.has(this.record.status) && this.record.decision) || {};
      return { reason, fields: fields.map(fieldName) };
    },
    get facts() {
      return factsOf(this.record);
    },
    get result() {
      return resultOf(this.record);
    },
    get payment() {
      return paymentOf(this.record);
    },
    get bill() {
      return this.record.settlement ? `#/bills/${this.record.settlement}` : "";
    },
    get checks() {
      return DECIDED.has(this.record.status) ? [] : presentChecks(this.record.checks);
    },
    get materials() {
      return this.record.materials.map((material) => ({ ...material, label: word("document", material.kind) }));
    },
    get events() {
      return presentEvents(this.record.events);
    },
    get actions() {
      return this.record.actions.filter((verb) => ACTIONS[verb]).map((verb) => ({ verb, ...ACTIONS[verb], ...(this.record.status === "draft" && DRAFT_ACTIONS[verb]) }));
    },
    run(action) {
      return EDITS.has(action.verb) ? go(`${this.claim.href}/edit`) : this.withdraw(action);
    },
    async withdraw({ name, title, text, done }) {
      if (!(await ask({ title, text, ok: name, danger: true }))) return;
      await this.act(async () => {
        const { id, version } = this.record;
        this.record = await api.post(`claims/${id}/withdraw/`, {}, { version });
        toast(done);
      });
    },
  };
}
