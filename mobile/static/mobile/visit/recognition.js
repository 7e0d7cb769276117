/** One recognition: where it stands, what can be done now, where to go with it, and how it came here. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api } from "../lib/api.js";
import { presentChecks } from "../lib/checks.js";
import { date } from "../lib/format.js";
import { rows } from "../lib/lists.js";
import { acts, ask, loads, toast } from "../lib/page.js";
import { factsOf, present } from "./recognitions.js";
import { go } from "../lib/router.js";
import { presentEvents } from "./timeline.js";
import { COMMITMENT_TONES, fieldName, word } from "../lib/words.js";

const DECIDED = new Set(["returned", "approved", "rejected"]);
const PRIMARY = "weui-btn_primary";
const PLAIN = "weui-btn_default";

const ACTIONS = {
  submit: { name: "继续填写", look: PRIMARY, to: "edit" },
  resubmit: { name: "去补正", look: PRIMARY, to: "edit" },
  renew: { name: "办理续期", look: PRIMARY, to: "renew" },
  choose: { name: "变更选定医院", look: PLAIN },
  withdraw: { name: "撤回申请", look: PLAIN },
};

async function readRecognition() {
  this.record = await api.get(`recognitions/${Alpine.store("route").params.id}/`);
}

export function recognitionPage() {
  return {
    ...loads(readRecognition),
    ...acts(),
    record: null,
    place: null,
    hospitals: [],
    get recognition() {
      return present(this.record);
    },
    get decision() {
      const { reason = "", fields = [] } = (DECIDED.has(this.record.status) && this.record.decision) || {};
      return { reason, fields: fields.map(fieldName) };
    },
    get facts() {
      return factsOf(this.record);
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
    get commitment() {
      const { commitment } = this.record;
      if (!commitment) return null;
      const due = commitment.due_on ? `请在 ${date(commitment.due_on)} 前办理续期并上传：${commitment.label}` : commitment.label;
      const text = commitment.status === "open" ? due : commitment.label;
      return { status: word("commitment", commitment.status), toneClass: `tone-${COMMITMENT_TONES[commitment.status] ?? "plain"}`, text };
    },
    get actions() {
      return this.record.actions.filter((verb) => ACTIONS[verb]).map((verb) => ({ verb, ...ACTIONS[verb] }));
    },
    get counts() {
      return this.record.status === "approved";
    },
    run(action) {
      if (action.to) return go(`${this.recognition.href}/${action.to}`);
      return this[action.verb]();
    },
    async withdraw() {
      if (!(await ask({ title: "撤回这份申请？", text: "撤回后不再审核；需要时可以重新申请。", ok: "撤回申请", danger: true }))) return;
      await this.act(() => this.post("withdraw", {}, "已撤回"));
    },
    /** The one found is added; the last ones chosen stay, as many as the area lets people choose. */
    async choose() {
      const { disease, institutions } = this.record;
      const found = await Alpine.store("hospitals").open("", { care: "chronic", disease });
      if (!found) return;
      const others = institutions.map((each) => each.code).filter((code) => code !== found.code);
      await this.act(async () => {
        const limit = await this.limit();
        const codes = [...others, found.code].slice(limit ? -limit : 0);
        await this.post("choose", { institutions: codes }, "已变更");
      });
    },
    async limit() {
      const options = await api.get("recognition-options/", { enrollment: this.record.enrollment });
      return options.find((each) => each.disease === this.record.disease)?.institutions ?? 0;
    },
    async post(verb, body, done) {
      const { id, version } = this.record;
      this.record = await api.post(`recognitions/${id}/${verb}/`, body, { version });
      toast(done);
    },
    async look() {
      const place = await Alpine.store("areas").open();
      if (!place) return;
      await this.act(async () => {
        const found = await api.get("institutions/", { area: place.code, care: "chronic", disease: this.record.disease, page_size: 100 });
        Object.assign(this, { place, hospitals: rows(found) });
      });
    },
  };
}
