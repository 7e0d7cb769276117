/** The filings that were made: the list, one of them, and its change. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import "../estimates/visit.js";
import { api, rows } from "../lib/api.js";
import { isOpen, readDrafts, tellOver } from "../lib/drafts.js";
import { acts, ask, go, leave, loads, toast } from "../lib/lazy-pages.js";
import { listing } from "../lib/listing.js";
import { t } from "../lib/parts.js";
import "../lib/places.js";
import { filledFacts, followsCase, presentCommitment, presentDetails, stayText } from "../lib/submissions.js";
import { keepsUnsent } from "../lib/unsent.js";
import { date, presentFiling, today, typeName } from "../lib/words.js";
import { draftFrom, openDraft } from "./draft.js";
import { optionsFor } from "./options.js";
import { proofSentence, proofsOf } from "./proof.js";

const FILTERS = [
  { status: "", name: t("全部") },
  { status: "submitted", name: t("审核中") },
  { status: "returned", name: t("待补正") },
  { status: "approved", name: t("已通过") },
  { status: "rejected", name: t("未通过") },
  { status: "draft", name: t("草稿") },
  { status: "expired", name: t("已到期") },
  { status: "cancelled", name: t("已取消") },
  { status: "withdrawn", name: t("已撤回") },
];

/** The list of filings, by status and person. */
function recordsPage() {
  const list = listing("filings/", "filings", presentFiling, ({ status, person }) => ({ status, person }));
  return {
    ...list,
    filters: FILTERS,
    status: "",
    person: "",
    persons: [],
    async init() {
      await Promise.all([this.reload(), this.readPersons()]);
    },
    /** Without the names there is just no choice by person. */
    async readPersons() {
      const persons = await api.get("persons/").catch(() => []);
      this.persons = rows(persons).filter((person) => person.mandate.status === "active");
    },
    show(status) {
      this.status = status;
      return this.reload();
    },
    get emptyText() {
      return this.status || this.person ? t("没有符合条件的备案。") : t("还没有备案记录。去外地就医之前，先在这里备案。");
    },
  };
}

/** The locks (变更时限) of an approved filing: until when it may not be changed or cancelled. */
const LOCKS = [
  { verb: "change", field: "change_until" },
  { verb: "cancel", field: "cancel_until" },
];

/** By the verbs that are locked until the same day. */
const LOCKED = {
  change: (day) => t("按参保地规定，{day}前（含当日）不能变更。", { day }),
  cancel: (day) => t("按参保地规定，{day}前（含当日）不能取消。", { day }),
  "change cancel": (day) => t("按参保地规定，{day}前（含当日）不能变更或取消。", { day }),
};

/** A lock counts from the first day of the filing to its last locked day. */
function counts(filing, { field }) {
  return filing.status === "approved" && filing.valid_from <= today() && today() <= (filing.lock[field] ?? "");
}

const standing = (filing) => LOCKS.filter((lock) => counts(filing, lock));

/** @returns {string[]} */
const lockedVerbs = (filing) => standing(filing).map((lock) => lock.verb);

/** @returns {string} 按参保地规定，2027年5月20日前（含当日）不能变更或取消。 */
function lockSentence(filing) {
  const verbs = {};
  for (const { field, verb } of standing(filing)) (verbs[filing.lock[field]] ??= []).push(verb);
  return Object.entries(verbs).map(([day, locked]) => LOCKED[locked.join(" ")](date(day))).join(" ");
}

/** @returns {{name: string, text: string}[]} of a filing at the server, as `presentFiling` gives it */
const factsOf = (filing) =>
  filledFacts([
    { name: t("受理编号"), text: filing.number },
    { name: t("参保人"), text: filing.person_name },
    { name: t("参保地"), text: filing.insured_area_name },
    { name: t("就医地"), text: filing.place },
    { name: t("备案类型"), text: typeName(filing.type) },
    { name: t("有效期"), text: filing.validity },
    { name: t("联系人"), text: [filing.contact_name, filing.contact_phone].filter(Boolean).join(" ") },
    { name: t("就医地住址"), text: filing.address },
    { name: t("转诊证明"), text: filing.referral },
    { name: t("补办"), text: filing.makes_up_for ? stayText(filing.makes_up_for.institution_name, filing.makes_up_for.admitted_on) : "" },
  ]);

const STALE = 412;
const PRIMARY = "weui-btn_primary";
const PLAIN = "weui-btn_default";
const DANGER = "weui-btn_warn";

/** Verbs as the API names them: the button, and the question asked before. */
const ACTIONS = {
  submit: { name: t("继续填写"), look: PRIMARY, to: "edit" },
  resubmit: { name: t("去补正"), look: PRIMARY, to: "edit" },
  change: { name: t("变更备案"), look: PLAIN, to: "change" },
  withdraw: { name: t("撤回申请"), look: PLAIN, title: t("撤回这份备案？"), text: t("撤回后不再审核；需要时可以重新备案。"), done: t("已撤回") },
  cancel: { name: t("取消备案"), look: DANGER, title: t("取消这份备案？"), text: t("取消后，在就医地不能再直接结算；正在住院的请出院结算后再取消。"), done: t("已取消") },
};

const DRAFT_ACTIONS = {
  withdraw: { name: t("放弃草稿"), title: t("放弃这份草稿？"), text: t("已填写的内容将不再保留。"), done: t("已放弃") },
};

async function readRecord() {
  const { id } = Alpine.store("route").params;
  await this.take(await this.following.read());
  const draft = Alpine.store("draft");
  if (draft.data.filing?.id === id && !isOpen(this.record)) draft.clear();
}

/** One filing: where it stands, why, what can be done now, and how it came here. */
function recordPage() {
  return {
    ...followsCase("filings", readRecord),
    ...acts(),
    proofs: [],
    async take(record) {
      this.proofs = record.commitment ? await proofsOf(record) : [];
      this.record = record;
    },
    /** The newest that was handed in. */
    get proof() {
      return this.proofs.find(({ status }) => status !== "draft") ?? null;
    },
    get proveLabel() {
      return this.proofs.some(({ status }) => status === "draft") ? t("继续补交承诺材料") : t("补交承诺材料");
    },
    get filing() {
      return presentFiling(this.record);
    },
    get facts() {
      return factsOf(this.filing);
    },
    get details() {
      return presentDetails(this.record);
    },
    get commitment() {
      return presentCommitment(this.record, ({ due_on: due, label, status }) => {
        if (this.proof && proofSentence(this.proof)) return proofSentence(this.proof);
        if (status !== "open") return label;
        return due ? t("请在 {due} 前补交：{label}", { due: date(due), label }) : t("备案通过后补交：{label}", { label });
      });
    },
    get mayProve() {
      const { commitment, status } = this.record;
      return status === "approved" && commitment?.status === "open" && this.proof?.status !== "submitted";
    },
    get lock() {
      return lockSentence(this.record);
    },
    /** The API offers under a lock what documents may lift; then they come first. */
    get lifted() {
      const locked = lockedVerbs(this.record);
      return this.record.actions.filter((verb) => locked.includes(verb));
    },
    get liftText() {
      return this.lifted.length ? t("参保地允许提交证明材料后提前办理。") : "";
    },
    get actions() {
      const verbs = this.record.actions.filter((verb) => ACTIONS[verb]);
      return verbs.map((verb) => ({
        verb,
        ...ACTIONS[verb],
        ...(this.record.status === "draft" && DRAFT_ACTIONS[verb]),
        ...(verb === "cancel" && this.lifted.includes(verb) && { to: "lift" }),
      }));
    },
    get hasReceipt() {
      return Boolean(this.record.submitted_at);
    },
    receipt() {
      return this.act(() => api.download(`filings/${this.record.id}/receipt.pdf`, t("备案回执-{number}.pdf", { number: this.record.number })));
    },
    async run(action) {
      if (action.to) return go(`${this.filing.href}/${action.to}`);
      if (!(await ask({ title: action.title, text: action.text, ok: action.name, danger: true }))) return null;
      return this.act(() => this.send(action));
    },
    /** In another tab it was handed in or thrown away. */
    hearOver(id) {
      return this.record?.id === id && !this.busy ? this.reload() : null;
    },
    async send({ verb, done }) {
      const { id, version } = this.record;
      try {
        const wasOpen = isOpen(this.record);
        this.record = await api.post(`filings/${id}/${verb}/`, {}, { version });
        if (wasOpen) tellOver(id);
        toast(done);
      } catch (error) {
        if (error.status === STALE) await this.reload();
        throw error;
      }
    },
  };
}

/** Continue or correct it in the same form it was written in, unless it is a draft no more. */
async function readOpen() {
  const { id } = Alpine.store("route").params;
  const record = await api.get(`filings/${id}/`);
  if (!isOpen(record)) toast(t("这份备案已经提交或结束"));
  return leave(isOpen(record) ? await openDraft(record) : `#/records/${id}`);
}

function filingEditPage() {
  return loads(readOpen);
}

async function readChanged() {
  const { id } = Alpine.store("route").params;
  const [filing, drafts] = await Promise.all([api.get(`filings/${id}/`), readDrafts("filing")]);
  this.filing = presentFiling(filing);
  this.endsOn = this.filing.valid_until ?? "";
  this.type = filing.type;
  this.begun = drafts.find(({ predecessor }) => predecessor === id) ?? null;
  await this.recall();
  await this.readTypes();
}

/** Change of an approved filing: a successor, kept as a draft first, so that its form, documents and checks are the same. */
function changePage() {
  return {
    ...loads(readChanged),
    ...acts(),
    ...keepsUnsent(({ filing }) => `change ${filing.id}`),
    filing: null,
    destination: null,
    endsOn: "",
    type: "",
    types: [],
    begun: null,
    get contents() {
      return { destination: this.destination, endsOn: this.endsOn, type: this.type };
    },
    /** What can be filed there instead; the filing itself does not stand in its way. */
    async readTypes() {
      const { enrollment, destination, id, type } = this.filing;
      const { options } = await optionsFor(enrollment, this.destination?.code ?? destination, id);
      const open = options.filter((option) => option.open).map((option) => option.type);
      this.types = [...new Set([type, ...open])].map((code) => ({ code, name: code === type ? t("{code}（不变）", { code: typeName(code) }) : t("改为{code}", { code: typeName(code) }) }));
      if (!this.types.some(({ code }) => code === this.type)) this.type = type;
    },
    get typeMoved() {
      return this.type !== this.filing.type;
    },
    get endMoved() {
      return this.endsOn !== (this.filing.valid_until ?? "");
    },
    get changed() {
      return Boolean(this.destination || this.endMoved || this.typeMoved);
    },
    async pick() {
      const place = await Alpine.store("areas").open();
      if (!place) return;
      this.destination = place;
      await this.act(() => this.readTypes());
    },
    send() {
      if (!this.changed) return this.fail({ errors: [{ attr: null }], message: t("请先更改就医地、备案类型或结束日期。") });
      return this.act(async () => {
        const { id, version } = this.filing;
        const fields = {
          ...(this.destination && { destination: this.destination.code }),
          ...(this.endMoved && { ends_on: this.endsOn || null }),
          ...(this.typeMoved && { type: this.type }),
        };
        const successor = await api.post(`filings/${id}/change/`, { ...fields, draft: true }, { version });
        this.sent();
        Alpine.store("draft").start(await draftFrom(successor));
        go("#/file/form", { replace: true });
      });
    },
  };
}

export const pages = { recordsPage, recordPage, filingEditPage, changePage };
