/** The last steps of a filing: everything once more as the server has it, before it is submitted; and how it came out. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import "../estimates/visit.js";
import { api } from "../lib/api.js";
import { isOpen, tellOver } from "../lib/drafts.js";
import { acts, go, leave, loads, toast } from "../lib/lazy-pages.js";
import { t } from "../lib/parts.js";
import { filledFacts, presentChecks, stayText } from "../lib/submissions.js";
import { date, dateTime, insuranceName, presentFiling, today, typeName, validity, word } from "../lib/words.js";
import { draftFrom, stepInstead, submitDraft } from "./draft.js";
import { LANES } from "./options.js";

const SELECT = "#/file/select";
const FORM = "#/file/form";

/** @returns {{name: string, text: string, change?: string, field?: string}[]} of the filing being written, each with where it is changed */
function factsOf(draft) {
  const { form, stay } = draft;
  return filledFacts([
    { name: t("参保人"), text: draft.person.name },
    { name: t("参保地"), text: [draft.enrollment.area_name, insuranceName(draft.enrollment.insurance)].filter(Boolean).join(" · ") },
    { name: t("就医地"), text: draft.destination.name, change: SELECT },
    { name: t("备案类型"), text: typeName(draft.type), change: SELECT },
    { name: t("有效期"), text: validity({ ...form, type: draft.type }), change: FORM, field: "starts_on" },
    { name: t("联系人"), text: form.contact_name, change: FORM, field: "contact_name" },
    { name: t("联系电话"), text: form.contact_phone, change: FORM, field: "contact_phone" },
    { name: t("就医地住址"), text: form.address || t("没有填写"), change: FORM, field: "address" },
    { name: t("就医原因"), text: form.injury ? t("外伤") : t("不是外伤"), change: FORM, field: "injury" },
    { name: t("转诊证明"), text: draft.type === "referral" ? form.referral : "", change: FORM, field: "referral" },
    { name: t("选定医院"), text: draft.hospitals.map((hospital) => hospital.name).join("、"), change: FORM, field: "institutions" },
    { name: t("补办"), text: stayText(stay.hospital?.name, stay.admitted_on), change: FORM, field: "stay" },
    { name: t("个人承诺"), text: draft.commitment ? t("稍后补交{commitment}，签名：{signed_name}", { commitment: word("document", draft.commitment), signed_name: form.signed_name }) : "", change: FORM, field: "signed_name" },
  ]);
}

const STATES = { ready: t("已上传"), processing: t("正在处理…"), refused: t("不能使用") };

/** @returns {object} a file that the server has, with what became of it */
const handedIn = ({ id, kind, filename, status, thumbnail, detail }) => ({
  key: id,
  kind,
  label: word("document", kind),
  name: filename,
  thumbnail,
  bad: status === "refused",
  state: detail || STATES[status] || "",
});

/** @returns {object} a file that did not get there */
const missing = ({ key, kind, name, problem, _preview }) => ({
  key,
  kind,
  label: word("document", kind),
  name,
  thumbnail: _preview,
  bad: true,
  state: t("没有上传成功，不会随申请提交。{problem}", { problem: problem ?? "" }),
});

/** What the server has now; whoever else of the family changed it meanwhile, it is that which is shown. */
async function readDraft() {
  const draft = Alpine.store("draft");
  const { data } = draft;
  const { id, version } = data.filing;
  const record = await api.get(`filings/${id}/`);
  if (draft.data !== data) return null; // another was begun meanwhile
  if (!isOpen(record)) return isOver(record);
  if (record.version === version) data.filing = record;
  else {
    const fresh = await draftFrom(record);
    if (draft.data === data) draft.start(fresh);
  }
  return null;
}

/** It was handed in or thrown away elsewhere: what became of it is shown instead. */
function isOver({ id }) {
  toast(t("已在另一处提交或放弃"));
  return leave(`#/records/${id}`);
}

const OVERTAKEN = new Set([404, 409, 412]);

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
    get files() {
      const there = this.draft.filing.materials.map(handedIn);
      const known = new Set(there.map(({ key }) => key));
      return [...there, ...this.draft.files.filter(({ id }) => !known.has(id)).map(missing)];
    },
    get promise() {
      return (LANES[Alpine.store("draft").option?.lane] ?? LANES.review).text + t("，结果会通过消息通知您。");
    },
    get changesFiles() {
      return { name: t("证明材料"), change: FORM, field: this.files.find(({ bad }) => bad)?.kind ?? "materials" };
    },
    /** Back to where it was written. */
    change({ change, field = "" }) {
      Alpine.store("draft").wanted = field;
      go(change);
    },
    submit() {
      return this.act(async () => {
        const filing = await submitDraft().catch((error) => this.moved(error));
        tellOver(filing.id);
        go(`#/file/done/${filing.id}`, { replace: true });
      });
    },
    /** Someone else changed the draft meanwhile, or handed it in: show what it is now, then let them submit again. */
    async moved(error) {
      if (OVERTAKEN.has(error.status)) await this.reload();
      throw error;
    },
    async hearOver(id) {
      if (this.draft.filing?.id === id && !this.busy) await this.reload();
    },
  };
}

/** What was submitted is no longer a draft; it is cleared here, when the steps that show it are left. */
async function readFiling() {
  const { id } = Alpine.store("route").params;
  this.record = await api.get(`filings/${id}/`);
  if (Alpine.store("draft").data.filing?.id === id && !isOpen(this.record)) Alpine.store("draft").clear();
}

/** By how it stands: the picture, what is said, and what is to be done. */
const OUTCOMES = {
  submitted: { icon: "#i-clock", title: t("已提交，等待审核") },
  approved: { icon: "#i-check", title: t("备案已生效") },
  returned: { icon: "#i-warn", title: t("已退回，请补正"), to: t("去补正") },
  rejected: { icon: "#i-close", title: t("备案未通过") },
  draft: { icon: "#i-warn", title: t("还没有提交"), to: t("继续填写") },
};

/** Step 5, 结果: the number, how it stands, and by when it will be decided. */
function fileDonePage() {
  return {
    ...loads(readFiling),
    record: null,
    get filing() {
      return presentFiling(this.record);
    },
    get outcome() {
      return OUTCOMES[this.record.status] ?? { icon: "#i-info", title: t("备案{status}", { status: this.filing.status }) };
    },
    get icon() {
      return this.later ? "#i-clock" : this.outcome.icon;
    },
    get later() {
      return this.record.status === "approved" && this.record.valid_from > today();
    },
    get title() {
      return this.later ? t("备案已通过") : this.outcome.title;
    },
    get text() {
      if (this.later) return t("{valid_from} 起可以凭医保码或社保卡在就医地直接结算。", { valid_from: date(this.record.valid_from) });
      if (this.record.status === "approved") return t("现在就可以凭医保码或社保卡在就医地直接结算。");
      return this.record.decision?.reason || this.filing.when;
    },
    get next() {
      return this.outcome.to ?? "";
    },
    get facts() {
      const { number, title, validity, due_at, due_provisional } = this.filing;
      const provisional = due_provisional ? t("（暂定：放假安排公布后可能调整）") : "";
      return [
        { name: t("受理编号"), text: number },
        { name: t("备案"), text: title },
        { name: t("有效期"), text: validity },
        ...(this.record.status === "submitted" ? [{ name: t("办结时限"), text: dateTime(due_at) + provisional }] : []),
      ];
    },
  };
}

export const instead = stepInstead;

export const pages = { fileCheckPage, fileDonePage };
