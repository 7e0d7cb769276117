/** One filing: where it stands, why, what can be done now, and how it came here. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api } from "../lib/api.js";
import { presentChecks } from "../lib/checks.js";
import { draftFrom } from "../lib/continuing.js";
import { factsOfRecord } from "../lib/facts.js";
import { present } from "../lib/filings.js";
import { date } from "../lib/format.js";
import { acts, ask, loads, toast } from "../lib/page.js";
import { go } from "../lib/router.js";
import { presentEvents } from "../lib/timeline.js";
import { COMMITMENT_TONES, fieldName, word } from "../lib/words.js";

const STALE = 412;
const PRIMARY = "weui-btn_primary";
const PLAIN = "weui-btn_default";
const DANGER = "weui-btn_warn";

/** Verbs as the API names them: the button, and the question asked before. */
const ACTIONS = {
  submit: { name: "继续填写", look: PRIMARY, opens: true },
  resubmit: { name: "去补正", look: PRIMARY, opens: true },
  proof: { name: "补交承诺材料", look: PRIMARY, to: "proof" },
  change: { name: "变更备案", look: PLAIN, to: "change" },
  withdraw: { name: "撤回申请", look: PLAIN, title: "撤回这份备案？", text: "撤回后不再审核；需要时可以重新备案。", done: "已撤回" },
  cancel: { name: "取消备案", look: DANGER, title: "取消这份备案？", text: "取消后，在就医地不能再直接结算；正在住院的请出院结算后再取消。", done: "已取消" },
};

async function readRecord() {
  this.record = await api.get(`filings/${Alpine.store("route").params.id}/`);
}

export function recordPage() {
  return {
    ...loads(readRecord),
    ...acts(),
    record: null,
    get filing() {
      return present(this.record);
    },
    get summary() {
      return this.filing.when;
    },
    get decision() {
      const { reason = "", fields = [] } = this.record.decision ?? {};
      return { reason, fields: fields.map(fieldName) };
    },
    get facts() {
      return factsOfRecord(this.filing);
    },
    get checks() {
      return presentChecks(this.record.checks);
    },
    get materials() {
      return (this.record.materials ?? []).map((material) => ({ ...material, label: word("document", material.kind) }));
    },
    get events() {
      return presentEvents(this.record.events);
    },
    get commitment() {
      const { commitment } = this.record;
      if (!commitment) return null;
      const text = commitment.status === "open" && commitment.due_on ? `请在 ${date(commitment.due_on)} 前补交材料` : "";
      const tone = COMMITMENT_TONES[commitment.status] ?? "plain";
      return { status: word("commitment", commitment.status), toneClass: `tone-${tone}`, text };
    },
    get lock() {
      const { locked_until: until, status } = this.record;
      if (status !== "approved" || !until || this.record.actions.includes("cancel")) return "";
      return `按参保地规定，${date(until)} 前不能变更或取消。`;
    },
    get actions() {
      return this.record.actions.filter((verb) => ACTIONS[verb]).map((verb) => ({ verb, ...ACTIONS[verb] }));
    },
    async run(action) {
      if (action.opens) return this.act(() => this.open());
      if (action.to) return go(`${this.filing.href}/${action.to}`);
      if (!(await ask({ title: action.title, text: action.text, ok: action.name, danger: true }))) return null;
      return this.act(() => this.send(action));
    },
    /** Continue or correct it in the same form it was written in. */
    async open() {
      Alpine.store("draft").start(await draftFrom(this.record));
      go("#/file/form");
    },
    async send({ verb, done }) {
      const { id, version } = this.record;
      try {
        this.record = await api.post(`filings/${id}/${verb}/`, {}, { version });
        toast(done);
      } catch (error) {
        if (error.status === STALE) await this.reload();
        throw error;
      }
    },
  };
}
