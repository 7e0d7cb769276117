/** Chronic and special diseases (门诊慢特病): the recognitions in the words the pages show, their list, one of them, and its form on paper. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api, rows } from "../lib/api.js";
import { tellOver } from "../lib/drafts.js";
import { acts, ask, go, loads, toast } from "../lib/lazy-pages.js";
import { language, t } from "../lib/parts.js";
import "../lib/places.js";
import { filledFacts, followsCase, presentCommitment, presentDetails } from "../lib/submissions.js";
import { date, statusOf, toneOf, whenOf } from "../lib/words.js";
import { applicantsOf } from "../people/persons.js";

/** @returns {{name: string, tone: string}} one under review says at which stage */
function recognitionStatus(row) {
  const staged = row.status === "submitted" && row.stages > 1;
  return staged ? { name: row.stage === row.stages ? t("专家复审中") : t("初审中"), tone: toneOf(row.status) } : statusOf(row);
}

/** @returns {string} 2026年12月1日 起，长期有效 */
function validity(row) {
  const last = row.valid_until ?? row.renew_by;
  if (!row.valid_from) return "";
  return last ? t("{valid_from} 至 {last}", { valid_from: date(row.valid_from), last: date(last) }) : t("{valid_from} 起，长期有效", { valid_from: date(row.valid_from) });
}

const standing = (row) => (row.renewing ? t("{row}，续期审核中，其间照常享受待遇", { row: validity(row) }) : validity(row));

/** @returns {object} the API's recognition with what the pages show of it */
function present(row) {
  const status = recognitionStatus(row);
  return {
    ...row,
    code: row.status,
    status: status.name,
    toneClass: `tone-${status.tone}`,
    title: row.disease_name,
    who: t("{person_name} · {insured_area_name}参保", { person_name: row.person_name, insured_area_name: row.insured_area_name }),
    when: whenOf(row, standing(row)),
    href: `#/chronic/${row.id}`,
  };
}

/** @returns {{name: string, text: string}[]} */
const factsOf = (row) =>
  filledFacts([
    { name: t("受理编号"), text: row.number },
    { name: t("参保人"), text: row.person_name },
    { name: t("参保地"), text: row.insured_area_name },
    { name: t("病种"), text: row.disease_name },
    { name: t("确诊"), text: [date(row.diagnosed_on), row.diagnosing_institution_name].filter(Boolean).join(" ") },
    { name: t("选定医院"), text: row.institutions.map((each) => each.name).join("、") },
    { name: t("有效期"), text: validity(row) },
  ]);

const SHOWN = 100;

async function readChronic() {
  const [persons, recognitions] = await Promise.all([api.get("persons/"), api.get("recognitions/", { page_size: SHOWN })]);
  this.recognitions = rows(recognitions).map(present);
  this.persons = applicantsOf(rows(persons), ({ id }) => `#/chronic/apply/${id}`);
}

const LIVE = new Set(["draft", "submitted", "returned", "approved"]);

/** What is recognised or under way, and for whom to apply. */
function chronicPage() {
  return {
    ...loads(readChronic),
    persons: [],
    recognitions: [],
    get groups() {
      const now = this.recognitions.filter((row) => LIVE.has(row.code));
      const past = this.recognitions.filter((row) => !LIVE.has(row.code));
      return [
        { title: t("我的认定"), recognitions: now },
        { title: t("以往的认定"), recognitions: past },
      ].filter((group) => group.recognitions.length);
    },
  };
}

const PRIMARY = "weui-btn_primary";
const PLAIN = "weui-btn_default";

const ACTIONS = {
  submit: { name: t("继续填写"), look: PRIMARY, to: "edit" },
  resubmit: { name: t("去补正"), look: PRIMARY, to: "edit" },
  renew: { name: t("办理续期"), look: PRIMARY, to: "renew" },
  choose: { name: t("变更选定医院"), look: PLAIN },
  withdraw: { name: t("撤回申请"), look: PLAIN },
};

const WITHDRAWALS = {
  submitted: { name: t("撤回申请"), title: t("撤回这份申请？"), text: t("撤回后不再审核；需要时可以重新申请。"), done: t("已撤回") },
  draft: { name: t("放弃草稿"), title: t("放弃这份草稿？"), text: t("已填写的内容将不再保留。"), done: t("已放弃") },
};

/** One recognition: where it stands, what can be done now, where to go with it, and how it came here. */
function recognitionPage() {
  return {
    ...followsCase("recognitions"),
    ...acts(),
    place: null,
    hospitals: [],
    get recognition() {
      return present(this.record);
    },
    get facts() {
      return factsOf(this.record);
    },
    get details() {
      return presentDetails(this.record);
    },
    get commitment() {
      return presentCommitment(this.record, ({ due_on: due, label, status }) =>
        status === "open" && due ? t("请在 {due} 前办理续期并上传：{label}", { due: date(due), label }) : label,
      );
    },
    get actions() {
      const { actions, status } = this.record;
      const own = (verb) => ({ verb, ...ACTIONS[verb], ...(verb === "withdraw" && status === "draft" && { name: WITHDRAWALS.draft.name }) });
      return actions.filter((verb) => ACTIONS[verb]).map(own);
    },
    get counts() {
      return this.record.status === "approved";
    },
    run(action) {
      if (action.to) return go(`${this.recognition.href}/${action.to}`);
      return this[action.verb]();
    },
    async withdraw() {
      const { title, text, name, done } = WITHDRAWALS[this.record.status] ?? WITHDRAWALS.submitted;
      if (!(await ask({ title, text, ok: name, danger: true }))) return;
      await this.act(async () => {
        await this.post("withdraw", {}, done);
        tellOver(this.record.id);
      });
    },
    /** In another tab it was handed in or thrown away. */
    hearOver(id) {
      return this.record?.id === id && !this.busy ? this.reload() : null;
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
        await this.post("choose", { institutions: codes }, t("已变更"));
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

async function readForm() {
  this.form = await api.get(`recognitions/${Alpine.store("route").params.id}/form/`);
}

/** The application form (门诊特殊病种申请表), filled in, for the printer. */
function chronicPrintPage() {
  return {
    ...loads(readForm),
    ...acts(),
    form: null,
    foreign: !language.startsWith("zh"),
    /** Beside another language than Chinese stands what the agency reads, where it is another text. */
    beside(told, original) {
      return this.foreign && told !== original ? original : "";
    },
    get rows() {
      const { rows, original } = this.form;
      return rows.map(({ label, text }, place) => ({
        label,
        text,
        labelBeside: this.beside(label, original.rows[place].label),
        textBeside: this.beside(text, original.rows[place].text),
      }));
    },
    get opinions() {
      return this.form.opinions.map((label, place) => ({ label, labelBeside: this.beside(label, this.form.original.opinions[place]) }));
    },
    download() {
      const { id } = Alpine.store("route").params;
      return this.act(() => api.download(`recognitions/${id}/form.pdf`, `${this.form.title}.pdf`));
    },
    print() {
      window.print();
    },
  };
}

export const pages = { chronicPage, recognitionPage, chronicPrintPage };
