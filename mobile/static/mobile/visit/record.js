/** One filing: where it stands, why, what can be done now, and how it came here. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api } from "../lib/api.js";
import { presentChecks } from "../lib/checks.js";
import { draftFrom } from "./continuing.js";
import { factsOfRecord } from "../lib/facts.js";
import { present } from "../lib/filings.js";
import { date } from "../lib/format.js";
import { acts, ask, loads, toast } from "../lib/page.js";
import { go } from "../lib/router.js";
import { lockSentence, lockedVerbs } from "./locks.js";
import { latestProof, proofSentence } from "./proofs.js";
import { presentEvents } from "./timeline.js";
import { COMMITMENT_TONES, fieldName, word } from "../lib/words.js";

const MISSING = 404;
const STALE = 412;
const DECIDED = new Set(["returned", "approved", "rejected"]);
const PRIMARY = "weui-btn_primary";
const PLAIN = "weui-btn_default";
const DANGER = "weui-btn_warn";

/** Verbs as the API names them: the button, and the question asked before. */
const ACTIONS = {
  submit: { name: "继续填写", look: PRIMARY, opens: true },
  resubmit: { name: "去补正", look: PRIMARY, opens: true },
  change: { name: "变更备案", look: PLAIN, to: "change" },
  withdraw: { name: "撤回申请", look: PLAIN, title: "撤回这份备案？", text: "撤回后不再审核；需要时可以重新备案。", done: "已撤回" },
  cancel: { name: "取消备案", look: DANGER, title: "取消这份备案？", text: "取消后，在就医地不能再直接结算；正在住院的请出院结算后再取消。", done: "已取消" },
};

const DRAFT_ACTIONS = {
  withdraw: { name: "放弃草稿", title: "放弃这份草稿？", text: "已填写的内容将不再保留。", done: "已放弃" },
};

/** A message may be about a proof, which belongs to a filing, or about a referral, a recognition or a claim. */
async function addressOf(id, error) {
  const found = async (kind, address) => address(await api.get(`${kind}/${id}/`));
  const asked = [
    found("proofs", ({ filing }) => `#/records/${filing}`),
    found("recognitions", () => `#/chronic/${id}`),
    found("claims", () => `#/claims/${id}`),
    found("referrals", () => `#/referrals/${id}`),
  ];
  return Promise.any(asked).catch(() => Promise.reject(error));
}

async function readRecord() {
  const { id } = Alpine.store("route").params;
  try {
    this.record = await api.get(`filings/${id}/`);
  } catch (error) {
    if (error.status !== MISSING) throw error;
    go(await addressOf(id, error), { replace: true });
    return new Promise(() => {}); // this page is on its way out
  }
  this.proof = this.record.commitment ? await latestProof(this.record) : null;
}

export function recordPage() {
  return {
    ...loads(readRecord),
    ...acts(),
    record: null,
    proof: null,
    get filing() {
      return present(this.record);
    },
    get summary() {
      return this.filing.when;
    },
    get decision() {
      const { reason = "", fields = [] } = (DECIDED.has(this.record.status) && this.record.decision) || {};
      return { reason, fields: fields.map(fieldName) };
    },
    get facts() {
      return factsOfRecord(this.filing);
    },
    get checks() {
      return DECIDED.has(this.record.status) ? [] : presentChecks(this.record.checks);
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
      const proof = this.proof ? proofSentence(this.proof) : "";
      const due = commitment.due_on ? `请在 ${date(commitment.due_on)} 前补交：${commitment.label}` : `备案通过后补交：${commitment.label}`;
      const text = proof || (commitment.status === "open" ? due : commitment.label);
      const tone = COMMITMENT_TONES[commitment.status] ?? "plain";
      return { status: word("commitment", commitment.status), toneClass: `tone-${tone}`, text };
    },
    get mayProve() {
      const { commitment, status } = this.record;
      return status === "approved" && commitment?.status === "open" && this.proof?.status !== "submitted";
    },
    get lock() {
      return lockSentence(this.record);
    },
    /** What the API lets this caller do now, without what the lock would refuse. */
    get actions() {
      const locked = lockedVerbs(this.record);
      const verbs = this.record.actions.filter((verb) => ACTIONS[verb] && !locked.includes(verb));
      return verbs.map((verb) => ({ verb, ...ACTIONS[verb], ...(this.record.status === "draft" && DRAFT_ACTIONS[verb]) }));
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
      go(this.record.notice ? "#/file/form" : "#/file/notice");
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
