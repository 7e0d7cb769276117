/** The application for a recognition: a new one, one that is mended, or a renewal with fresh documents; saved as one types. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api } from "../lib/api.js";
import { filesFrom, promisable, uploads } from "../lib/documents.js";
import { autosaves, isOpen, keepsCopy, readDrafts } from "../lib/drafts.js";
import { completes } from "../lib/fields.js";
import { go, leave, loads, rename, toast } from "../lib/lazy-pages.js";
import { marksOf, walksMarks } from "../lib/marks.js";
import { signed, t } from "../lib/parts.js";
import "../lib/places.js";

/** A renewal that was begun is gone on with. */
async function readRenewed(id) {
  const begun = (await readDrafts("recognition")).find(({ predecessor }) => predecessor === id);
  return begun ? leave(begun.href) : api.get(`recognitions/${id}/`);
}

async function readOptions() {
  const { params, page } = Alpine.store("route");
  this.renewing = page === "chronic-renew";
  this.renewed = this.renewing ? await readRenewed(params.id) : null;
  this.record = params.id && !this.renewing ? await api.get(`recognitions/${params.id}/`) : null;
  if (this.record && !isOpen(this.record)) return leave(`#/chronic/${params.id}`);
  const made = this.record ?? this.renewed;
  this.enrollment = made?.enrollment ?? params.enrollment;
  this.options = await api.get("recognition-options/", { enrollment: this.enrollment });
  if (made) this.fill(made);
  const more = await this.restore();
  this.startSaving(more);
  if (this.marks.length) requestAnimationFrame(() => this.nextMark());
  return null;
}

function chronicFormPage() {
  return {
    ...loads(readOptions),
    ...uploads(),
    ...completes(function unsaid() {
      return this.option ? {} : { disease: t("请先选择病种。") };
    }),
    ...autosaves(),
    ...keepsCopy("chronic"),
    ...walksMarks(),
    path: "recognitions",
    renewing: false,
    renewed: null,
    record: null,
    enrollment: "",
    options: [],
    disease: "",
    diagnosedAt: null,
    chosen: [],
    files: [],
    marks: [],
    promise: false,
    draft: { form: { diagnosed_on: "", signed_name: "" } },
    pledge: signed("本人承诺：所填信息真实有效，并在规定期限内补交上述材料。逾期未补交或内容不实的，认定将按参保地规定终止。"),
    get copyKey() {
      return this.record?.id ?? this.renewed?.id ?? this.enrollment;
    },
    get contents() {
      const { disease, diagnosedAt, chosen, files, promise, draft } = this;
      return { disease, diagnosedAt, chosen, files, promise, draft };
    },
    get savable() {
      return Boolean(this.option);
    },
    get written() {
      return JSON.stringify([this.disease, this.body(true, true)]);
    },
    /** @param {object} record what is written on, or what is renewed: of that its papers do not count again */
    fill(record) {
      this.disease = record.disease;
      this.draft.form.diagnosed_on = record.diagnosed_on ?? "";
      this.diagnosedAt = record.diagnosing_institution
        ? { code: record.diagnosing_institution, name: record.diagnosing_institution_name }
        : null;
      this.chosen = record.institutions;
      if (this.renewing && !this.record) return;
      this.files = filesFrom(record.materials);
      this.marks = marksOf(record);
      this.promise = Boolean(record.commitment);
      this.draft.form.signed_name = record.commitment?.signed_name ?? "";
    },
    get option() {
      return this.options.find((each) => each.disease === this.disease) ?? null;
    },
    get choices() {
      return this.options.map((each) => ({
        ...each,
        open: each.recognised && !each.running,
        hint: !each.recognised ? t("参保地不认定") : each.running && each.disease !== this.record?.disease ? t("已有正在办理或有效的认定") : "",
      }));
    },
    get documents() {
      return (this.option?.documents ?? []).filter((each) => each.kind !== "chronic_form");
    },
    get promisable() {
      return this.documents.find(promisable) ?? null;
    },
    get explanation() {
      return this.renewing ? t("请上传新的材料。续期通过前，原认定照常有效。") : (this.record?.decision?.reason ?? "");
    },
    get hospitalHint() {
      const { institutions, lowest_level: level } = this.option;
      const grade = [t("社区"), t("一级"), t("二级"), t("三级")][level];
      return institutions ? t("最多选定 {institutions} 家（{grade}及以上），以后可以变更。", { institutions, grade }) : t("可以不选；选定的须为{grade}及以上，以后可以变更。", { grade });
    },
    get full() {
      const limit = this.option?.institutions;
      return Boolean(limit) && this.chosen.length >= limit;
    },
    async pickDiagnosing() {
      this.diagnosedAt = (await Alpine.store("hospitals").open("")) ?? this.diagnosedAt;
    },
    async addHospital() {
      const found = await Alpine.store("hospitals").open("", { care: "chronic", disease: this.disease });
      if (found && !this.chosen.some((each) => each.code === found.code)) this.chosen = [...this.chosen, found];
    },
    removeHospital({ code }) {
      this.chosen = this.chosen.filter((each) => each.code !== code);
    },
    /** @param {boolean} [quiet] without what a later look may take back  @param {boolean} [whole] though it was returned */
    body(quiet = false, whole = false) {
      const { diagnosed_on, signed_name } = this.draft.form;
      const commitment = this.promise && this.promisable ? { kind: this.promisable.kind, signed_name: signed_name.trim() } : null;
      const files = quiet ? this.readyFiles(this.documents) : this.sentFiles(this.documents);
      const materials = quiet && !whole && this.record?.status === "returned" ? {} : { materials: files };
      const common = { ...materials, institutions: this.chosen.map((each) => each.code), commitment };
      if (this.renewing) return common;
      return { ...common, disease: this.disease, diagnosed_on: diagnosed_on || null, diagnosing_institution: this.diagnosedAt?.code ?? null };
    },
    async create(fields) {
      const made = await this.begin({ ...fields, draft: true });
      if (!this._gone) rename(`#/chronic/${made.id}/edit`);
      return made;
    },
    begin(fields) {
      if (!this.renewing) return api.post("recognitions/", { ...fields, enrollment: this.enrollment });
      const { id, version } = this.renewed;
      return api.post(`recognitions/${id}/renew/`, fields, { version });
    },
    reopen(record) {
      this.record = record;
      this.fill(record);
      this._stored = this.written;
    },
    showRecord() {
      go(`#/chronic/${this.record.id}`, { replace: true });
    },
    send() {
      if (!this.complete()) return null;
      return this.act(async () => {
        this.record = await this.hand();
        this.handedIn();
        toast(t("已提交，等待审核"));
        this.showRecord();
      });
    },
    async hand() {
      await this.save();
      const { id, version, status } = this.record;
      const verb = status === "returned" ? "resubmit" : "submit";
      return api.post(`recognitions/${id}/${verb}/`, {}, { version }).catch((error) => this.refused(error));
    },
  };
}

export const pages = { chronicFormPage };
