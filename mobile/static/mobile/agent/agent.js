/** 代办: who files once for somebody not bound to them, by a letter of authority. What is filed is written in the same steps as for oneself. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { draftFrom } from "../filings/draft.js";
import { api } from "../lib/api.js";
import { blankCertificate, namedBy, namesSomebody, unnamed } from "../lib/certificates.js";
import { uploads } from "../lib/documents.js";
import { completes } from "../lib/fields.js";
import { go } from "../lib/lazy-pages.js";
import { t } from "../lib/parts.js";
import "../lib/places.js";
import { isReachable, personName, phone } from "../lib/text.js";
import { keepsUnsent } from "../lib/unsent.js";
import { choices, insuranceName, today } from "../lib/words.js";

const AUTHORITY = "letter_of_authority";
/** As what a draft begins; the next step asks. */
const TYPE = "other";

const blank = () => ({
  principal: { name: "", certificate: blankCertificate(), area: null, insurance: "employee" },
  agent: { name: "", certificate: blankCertificate(), phone: "", relation: "employer" },
  destination: null,
});

const RELATIONS = [
  { code: "employer", name: t("用人单位") },
  { code: "family", name: t("亲属") },
  { code: "agent", name: t("其他代办人") },
];

const LETTER = { kind: AUTHORITY, label: t("授权委托书"), required: true, alternatives: [], field: "agent.authority", note: t("参保人亲笔签名，写明委托谁办什么；拍照或上传文件都可以") };

/** @returns {object} what `POST filings/` takes of an agent: a draft, which the next steps fill in */
function bodyOf({ principal, agent, destination }, authority) {
  const [name, reached] = [personName(agent.name), phone(agent.phone)];
  return {
    for: { name: personName(principal.name), ...namedBy(principal.certificate), insured_area: principal.area.code, insurance: principal.insurance },
    agent: { name, ...namedBy(agent.certificate), phone: reached, relation: agent.relation, authority },
    destination: destination.code,
    type: TYPE,
    starts_on: today(),
    contact_name: name,
    contact_phone: reached,
    materials: [],
    draft: true,
  };
}

/** What the API needs to be named at all, by its names. */
function unsaid() {
  const { principal, agent, destination } = this.data;
  const needed = [
    [personName(principal.name), "for.name", t("请填写参保人姓名。")],
    [principal.area, "for.insured_area", t("请选择在哪里参保。")],
    [personName(agent.name), "agent.name", t("请填写代办人姓名。")],
    [isReachable(agent.phone), "agent.phone", t("请填写代办人能接通的电话。")],
    [this.filesOf(LETTER).some(({ status }) => status !== "failed"), "agent.authority", t("请上传参保人签名的授权委托书。")],
    [destination, "destination", t("请选择去哪里就医。")],
  ];
  return {
    ...Object.fromEntries(needed.filter(([there]) => !there).map(([, attr, detail]) => [attr, detail])),
    ...unnamed(principal.certificate, "for."),
    ...unnamed(agent.certificate, "agent."),
  };
}

function agentPage() {
  return {
    ...uploads(),
    ...completes(unsaid),
    ...namesSomebody(),
    ...keepsUnsent(() => "agent"),
    marks: [],
    letters: [LETTER],
    relations: RELATIONS,
    insurances: choices("insurance").map(({ code }) => ({ code, name: insuranceName(code) })),
    data: blank(),
    files: [],
    init() {
      return this.recall();
    },
    get contents() {
      return { data: this.data, files: this.files };
    },
    get nextLabel() {
      if (this.uploading()) return t("正在上传…");
      return this.busy ? t("正在核对…") : t("下一步：选择备案类型");
    },
    async pickInsured() {
      const area = await Alpine.store("areas").open({ insured: true });
      if (area) this.data.principal.area = { code: area.code, name: area.name };
    },
    async pickPlace() {
      const place = await Alpine.store("areas").open();
      if (place) this.data.destination = { code: place.code, name: place.name };
    },
    send() {
      if (!this.complete()) return null;
      return this.act(async () => {
        const [authority] = this.sentFiles([LETTER]);
        const filing = await api.post("filings/", bodyOf(this.data, authority));
        const draft = await draftFrom(filing);
        draft.enrollment.insurance = this.data.principal.insurance;
        Alpine.store("draft").start(draft);
        this.sent();
        go("#/file/select", { replace: true });
      });
    },
  };
}

export const pages = { agentPage };
