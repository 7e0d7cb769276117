/** 代办: an employer or somebody else files once for a person who is not bound to them, by a letter of authority. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api, ApiError, persist, rows } from "../lib/api.js";
import { uploads } from "../lib/documents.js";
import { go, t, toast } from "../lib/lazy-pages.js";
import { translationOf } from "../lib/originals.js";
import "../lib/places.js";
import { choices, insuranceName, today, word } from "../lib/words.js";

const AUTHORITY = "letter_of_authority";
const BAD = 400;

const blank = () => ({
  principal: { name: "", id_number: "", area: null, insurance: "employee" },
  agent: { name: "", id_number: "", phone: "", relation: "employer" },
  destination: null,
  type: "other",
  starts_on: "",
  ends_on: "",
  contact_name: "",
  contact_phone: "",
  address: "",
  kinds: [],
  files: [],
  notice: null,
  read: "",
});

Alpine.store("agency", { data: blank() });
/** Files whose upload did not finish are chosen again. */
persist("agency", "agency", blank, (data) => ({ ...data, files: data.files.filter((file) => file.id) }));

const RELATIONS = [
  { code: "employer", name: t("用人单位") },
  { code: "family", name: t("亲属") },
  { code: "agent", name: t("其他代办人") },
];

/** What the letter itself says is one document; what the notice asks for is added by its kind. */
const LETTER = { kind: AUTHORITY, label: t("授权委托书"), required: true, alternatives: [], note: t("参保人亲笔签名，写明委托谁办什么") };
const asDocument = (kind) => ({ kind, label: word("document", kind), required: false, alternatives: [], note: "" });

/** Not asked of an agent: what is shown at the counter, and what other forms are for. */
const ELSEWHERE = new Set([AUTHORITY, "certificate", "filing_form", "commitment_letter", "chronic_form", "bank_account"]);

/** Who somebody is, without blanks around it. */
const written = (who) => ({ ...who, name: who.name.trim(), id_number: who.id_number.trim().toUpperCase() });

/** @returns {object} what `POST filings/` takes of an agent */
function bodyOf(data, authority, materials) {
  const { principal, agent, destination, notice } = data;
  const { area, ...named } = principal;
  return {
    for: { ...written(named), insured_area: area?.code ?? "" },
    agent: { ...written(agent), authority },
    destination: destination?.code,
    type: data.type,
    starts_on: data.starts_on || null,
    ends_on: data.ends_on || null,
    contact_name: data.contact_name.trim(),
    contact_phone: data.contact_phone.trim(),
    address: data.address.trim(),
    notice: notice?.id ?? null,
    materials,
  };
}

/** What the API needs to be named at all. @returns {{code: string, detail: string, attr: string}[]} as the API says what it refuses */
function missing(data, authority) {
  const { principal, agent } = data;
  const said = [
    [principal.name, "for.name", t("请填写参保人姓名。")],
    [principal.id_number, "for.id_number", t("请填写参保人的身份证号码。")],
    [agent.name, "agent.name", t("请填写代办人姓名。")],
    [agent.id_number, "agent.id_number", t("请填写代办人的身份证号码。")],
    [agent.phone, "agent.phone", t("请填写代办人的电话。")],
    [data.contact_name, "contact_name", t("请填写联系人。")],
    [data.contact_phone, "contact_phone", t("请填写联系电话。")],
    [principal.area, "for.insured_area", t("请选择在哪里参保。")],
    [data.destination, "destination", t("请选择去哪里就医。")],
    [authority, "agent.authority", t("请上传参保人签名的授权委托书；正在处理的，请等它变成“已上传”。")],
    [data.notice && data.read === data.notice.id, "notice", t("请阅读告知书并勾选。")],
  ];
  return said.filter(([there]) => !there).map(([, attr, detail]) => ({ code: "required", detail, attr }));
}

function agentPage() {
  return {
    ...uploads(),
    marks: [],
    kind: "",
    letters: [LETTER],
    relations: RELATIONS,
    types: choices("type"),
    insurances: choices("insurance").map(({ code }) => ({ code, name: insuranceName(code) })),
    get data() {
      return Alpine.store("agency").data;
    },
    get translation() {
      return this.data.notice ? translationOf(this.data.notice) : null;
    },
    get files() {
      return this.data.files;
    },
    get papers() {
      return this.data.kinds.map(asDocument);
    },
    get kinds() {
      return choices("document").filter(({ code }) => !ELSEWHERE.has(code) && !this.data.kinds.includes(code));
    },
    get nextLabel() {
      if (this.uploading()) return t("正在上传…");
      return this.busy ? t("正在提交…") : t("提交备案");
    },
    init() {
      this.data.starts_on ||= today();
      return this.readNotice();
    },
    async pickInsured() {
      const area = await Alpine.store("areas").open({ insured: true });
      if (!area) return;
      this.data.principal.area = { code: area.code, name: area.name };
      await this.readNotice();
    },
    async pickPlace() {
      const place = await Alpine.store("areas").open();
      if (place) this.data.destination = { code: place.code, name: place.name };
    },
    setType(type) {
      this.data.type = type;
      return this.readNotice();
    },
    /** The notice of the insured area and type, to be read before one files; it also says which papers are needed. */
    async readNotice() {
      const { principal, type } = this.data;
      if (!principal.area) return;
      const asked = `${principal.area.code} ${type}`;
      this.data.notice = null;
      const answer = await api.get("notices/", { area: principal.area.code, type }).catch((error) => this.fail(error));
      if (answer && asked === `${this.data.principal.area.code} ${this.data.type}`) this.data.notice = rows(answer)[0] ?? null;
    },
    agree(read) {
      this.data.read = read ? this.data.notice.id : "";
    },
    addKind() {
      if (this.kind) this.data.kinds.push(this.kind);
      this.kind = "";
    },
    send() {
      const [authority] = this.sentFiles([LETTER]);
      return this.act(async () => {
        const lacks = missing(this.data, authority);
        if (lacks.length) throw new ApiError(BAD, lacks);
        const filing = await api.post("filings/", bodyOf(this.data, authority, this.sentFiles(this.papers)));
        Alpine.store("agency").data = blank();
        toast(t("已提交"));
        go(`#/records/${filing.id}`, { replace: true });
      });
    },
  };
}

export const pages = { agentPage };
