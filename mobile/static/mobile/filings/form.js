/** The later steps of a filing: the form, the check before it is submitted, and the result. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import "../estimates/visit.js";
import { api } from "../lib/api.js";
import { promisable, uploads } from "../lib/documents.js";
import { acts, go, loads } from "../lib/lazy-pages.js";
import "../lib/places.js";
import { filledFacts, presentChecks, refuseErrors } from "../lib/submissions.js";
import { date, dateTime, insuranceName, presentFiling, today, typeName, validity } from "../lib/words.js";
import { LANES, saveDraft, stepInstead, submitDraft } from "./draft.js";

const PROMISE = "本人承诺：所填信息真实有效，并在规定期限内补交上述材料。逾期未补交或内容不实的，备案将按参保地规定处理，今后一段时间不能再以承诺方式备案。";

/** Step 3, 填写与上传/承诺: the form is stored as it is typed; going on saves it as a draft, which also checks it. */
function fileFormPage() {
  return {
    ...uploads(),
    init() {
      this.draft.form.starts_on ||= today();
    },
    get draft() {
      return Alpine.store("draft").data;
    },
    get option() {
      return Alpine.store("draft").option;
    },
    get files() {
      return this.draft.files;
    },
    get marks() {
      return this.draft.marks;
    },
    get title() {
      return `${this.draft.destination.name} · ${typeName(this.draft.type)}`;
    },
    get dates() {
      return `${this.option.validity.text}。结束日期可以不填。`;
    },
    get documents() {
      return this.option.documents;
    },
    get promisable() {
      return this.documents.find(promisable) ?? null;
    },
    /** A promised document need not be uploaded now. */
    get documentsNow() {
      return this.documents.filter((document) => document.required && document.kind !== this.draft.commitment);
    },
    /** Of an injury; it may also be signed at the hospital. */
    get statements() {
      const statement = this.draft.form.injury && this.draft.options.injury?.statement;
      return statement ? [{ ...statement, required: false }] : [];
    },
    get extras() {
      return this.documents.filter((document) => !document.required);
    },
    get promise() {
      return PROMISE;
    },
    get nextLabel() {
      if (this.uploading()) return "正在上传…";
      return this.busy ? "正在核对…" : "下一步：核对";
    },
    get hospitalHint() {
      return `参保地要求在就医地选定医院，最多 ${this.option.institutions} 家。`;
    },
    async addHospital() {
      const hospital = await this.askHospital();
      const known = this.draft.hospitals.map((each) => each.code);
      if (hospital && !known.includes(hospital.code)) this.draft.hospitals.push(hospital);
    },
    removeHospital(hospital) {
      this.draft.hospitals = this.draft.hospitals.filter((each) => each.code !== hospital.code);
    },
    /** 补办: the filing begins with the stay. */
    async pickStay() {
      this.draft.stay.hospital = (await this.askHospital()) ?? this.draft.stay.hospital;
    },
    noStay() {
      this.draft.stay = { hospital: null, admitted_on: "" };
    },
    askHospital() {
      return Alpine.store("hospitals").open(this.draft.destination.code);
    },
    next() {
      return this.act(async () => {
        await saveDraft(this.sentFiles([...this.documentsNow, ...this.statements, ...this.extras]));
        refuseErrors(this.draft.filing.checks);
        go("#/file/check");
      });
    },
  };
}

/** @returns {{name: string, text: string}[]} of the filing being written */
function factsOf(draft) {
  const { form } = draft;
  const files = draft.files.length;
  return filledFacts([
    { name: "参保人", text: draft.person.name },
    { name: "参保地", text: `${draft.enrollment.area_name} · ${insuranceName(draft.enrollment.insurance)}` },
    { name: "就医地", text: draft.destination.name },
    { name: "备案类型", text: typeName(draft.type) },
    { name: "有效期", text: validity({ ...form, type: draft.type }) },
    { name: "联系人", text: `${form.contact_name} ${form.contact_phone}` },
    { name: "就医地住址", text: form.address },
    { name: "就医原因", text: form.injury ? "外伤" : "" },
    { name: "选定医院", text: draft.hospitals.map((hospital) => hospital.name).join("、") },
    { name: "补办", text: draft.stay.hospital ? `${draft.stay.hospital.name}，${date(draft.stay.admitted_on)}入院` : "" },
    { name: "证明材料", text: draft.commitment ? `个人承诺，签名：${form.signed_name}` : files ? `${files} 个文件` : "不需要" },
  ]);
}

const STALE = 412;

async function readDraft() {
  const { filing } = Alpine.store("draft").data;
  Alpine.store("draft").data.filing = await api.get(`filings/${filing.id}/`);
}

/** Step 4, 提交: what the automatic checks found, everything once more, then submit. */
function fileCheckPage() {
  return {
    ...loads(readDraft),
    ...acts(),
    get draft() {
      return Alpine.store("draft").data;
    },
    get checks() {
      return presentChecks(this.draft.filing?.checks);
    },
    get blocked() {
      return this.checks.some((check) => check.level === "error");
    },
    get facts() {
      return factsOf(this.draft);
    },
    get promise() {
      return (LANES[Alpine.store("draft").option?.lane] ?? LANES.review).text + "，结果会通过消息通知您。";
    },
    submit() {
      return this.act(async () => {
        const filing = await submitDraft().catch((error) => this.moved(error));
        go(`#/file/done/${filing.id}`, { replace: true });
      });
    },
    /** Someone else in the family changed the draft meanwhile: show what it is now, then let them submit again. */
    async moved(error) {
      if (error.status === STALE) await this.reload();
      throw error;
    },
  };
}

/** What was submitted is no longer a draft; it is cleared here, when the steps that show it are left. */
async function readFiling() {
  const { id } = Alpine.store("route").params;
  this.filing = presentFiling(await api.get(`filings/${id}/`));
  if (Alpine.store("draft").data.filing?.id === id) Alpine.store("draft").clear();
}

/** Step 5, 结果: the number, and by when it will be decided. */
function fileDonePage() {
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

export const instead = stepInstead;

export const pages = { fileFormPage, fileCheckPage, fileDonePage };
