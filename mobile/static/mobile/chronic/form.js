/** The application for a recognition: a new one, one that is mended, or a renewal with fresh documents. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api } from "../lib/api.js";
import { filesFrom, promisable, uploads } from "../lib/documents.js";
import { completes } from "../lib/fields.js";
import { go, loads, toast } from "../lib/lazy-pages.js";
import "../lib/places.js";

async function readOptions() {
  const { params, page } = Alpine.store("route");
  this.renewing = page === "chronic-renew";
  this.record = params.id ? await api.get(`recognitions/${params.id}/`) : null;
  this.enrollment = this.record?.enrollment ?? params.enrollment;
  this.options = await api.get("recognition-options/", { enrollment: this.enrollment });
  if (this.record) this.fill();
}

function chronicFormPage() {
  return {
    ...loads(readOptions),
    ...uploads(),
    ...completes(function unsaid() {
      return this.option ? {} : { disease: "请先选择病种。" };
    }),
    renewing: false,
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
    fill() {
      const { record } = this;
      this.disease = record.disease;
      this.draft.form.diagnosed_on = record.diagnosed_on ?? "";
      this.diagnosedAt = record.diagnosing_institution
        ? { code: record.diagnosing_institution, name: record.diagnosing_institution_name }
        : null;
      this.chosen = record.institutions;
      if (this.renewing) return;
      this.files = filesFrom(record.materials);
      this.marks = (record.status === "returned" && record.decision?.fields) || [];
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
        hint: !each.recognised ? "参保地不认定" : each.running ? "已有正在办理或有效的认定" : "",
      }));
    },
    get documents() {
      return (this.option?.documents ?? []).filter((each) => each.kind !== "chronic_form");
    },
    get promisable() {
      return this.documents.find(promisable) ?? null;
    },
    get explanation() {
      return this.renewing ? "请上传新的材料。续期通过前，原认定照常有效。" : this.record?.decision?.reason ?? "";
    },
    get hospitalHint() {
      const { institutions, lowest_level: level } = this.option;
      const grade = ["社区", "一级", "二级", "三级"][level];
      return institutions ? `最多选定 ${institutions} 家（${grade}及以上），以后可以变更。` : `可以不选；选定的须为${grade}及以上，以后可以变更。`;
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
    body() {
      const { diagnosed_on, signed_name } = this.draft.form;
      const commitment = this.promise && this.promisable ? { kind: this.promisable.kind, signed_name: signed_name.trim() } : null;
      const common = { materials: this.sentFiles(this.documents), institutions: this.chosen.map((each) => each.code), commitment };
      if (this.renewing) return common;
      return { ...common, disease: this.disease, diagnosed_on: diagnosed_on || null, diagnosing_institution: this.diagnosedAt?.code ?? null };
    },
    send() {
      if (!this.complete()) return null;
      return this.act(async () => {
        const done = await this.hand();
        toast("已提交，等待审核");
        go(`#/chronic/${done.id}`, { replace: true });
      });
    },
    async hand() {
      if (!this.record) return api.post("recognitions/", { ...this.body(), enrollment: this.enrollment });
      const { id, version, status } = this.record;
      if (this.renewing) return api.post(`recognitions/${id}/renew/`, this.body(), { version });
      this.record = await api.patch(`recognitions/${id}/`, this.body(), { version });
      const verb = status === "returned" ? "resubmit" : "submit";
      return api.post(`recognitions/${id}/${verb}/`, {}, { version: this.record.version });
    },
  };
}

export const pages = { chronicFormPage };
