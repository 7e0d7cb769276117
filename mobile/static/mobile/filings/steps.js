/** The first steps of a filing: for whom, to where and as what (with what can be filed there, as `filing-options/` explains it), and the notice. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import "../estimates/visit.js";
import { api, rows } from "../lib/api.js";
import { discardDraft, readDrafts } from "../lib/drafts.js";
import { acts, ask, go, loads } from "../lib/lazy-pages.js";
import { translationOf } from "../lib/originals.js";
import { t } from "../lib/parts.js";
import { provinceOf } from "../lib/places.js";
import { LONG_TERM, typeName, word } from "../lib/words.js";
import { applicantsOf } from "../people/persons.js";
import { dropLocal, localDrafts, resumeLocal, stepInstead } from "./draft.js";
import { documentsText, exemptText, LANES, optionsFor } from "./options.js";

const TYPE_EXPLANATIONS = {
  retiree: t("退休后定居外地，户籍也已迁入当地"),
  resident: t("长期在外地居住，例如随子女生活"),
  worker: t("由单位派驻外地，或长期在外地工作"),
  referral: t("参保地定点医院开具转诊证明，转往外地治疗"),
  emergency: t("在外地突发急病，需要急诊抢救"),
  other: t("出差、旅游、探亲等临时外出，或自行前往外地就医"),
};

const citation = ({ title, publisher, year }) => `${title}（${publisher}，${year}）`;

/** @returns {object} an option with its explanation, lane and facts as rows */
function presentOption(option, dualBenefit) {
  const lane = LANES[option.lane] ?? LANES.review;
  const facts = [
    { name: t("怎么办理"), text: lane.text },
    { name: t("需要材料"), text: documentsText(option.documents) },
    { name: t("有效期"), text: option.validity.text },
    { name: t("变更取消"), text: option.lock.text },
    { name: t("报销待遇"), text: option.benefit.summary },
    { name: t("回参保地"), text: LONG_TERM.has(option.type) ? dualBenefit : "" },
    { name: t("说明"), text: option.note },
  ];
  return {
    ...option,
    explanation: TYPE_EXPLANATIONS[option.type] ?? "",
    laneName: lane.name,
    toneClass: option.lane === "instant" ? "tone-good" : "tone-info",
    closed: !option.open,
    facts: facts.filter((fact) => fact.text),
    citations: option.benefit.citations.map(citation),
  };
}

/** What was begun on this phone and never reached the server, as the list of drafts shows it. */
const presentLocal = (copy) => ({
  key: copy.key,
  title: [copy.destination.name, copy.type && typeName(copy.type)].filter(Boolean).join(" · "),
  who: t("{name} · {area_name}参保", { name: copy.person.name, area_name: copy.enrollment.area_name }),
  text: t("只存在本机，还没有保存到服务器"),
  local: copy,
});

/** For whom, and what was begun before: here, or anywhere else. */
async function readPersons() {
  const [copies, persons, drafts] = await Promise.all([localDrafts(), api.get("persons/"), readDrafts("filing")]);
  this.persons = applicantsOf(rows(persons));
  this.drafts = [...copies.map(presentLocal), ...drafts];
}

/** Before the steps: for whom, and by which enrolment. */
function fileWhoPage() {
  return {
    ...loads(readPersons),
    ...acts(),
    persons: [],
    drafts: [],
    get draftsTitle() {
      return t("未提交的备案（{length}）", { length: this.drafts.length });
    },
    choose(person, enrollment) {
      Alpine.store("draft").start({ person: { id: person.id, name: person.name }, enrollment });
      go("#/file/select");
    },
    resume(draft) {
      if (draft.local) resumeLocal(draft.local);
      else go(draft.href);
    },
    async discard(draft) {
      if (draft.local) return this.discardLocal(draft);
      return this.act(async () => {
        if (await discardDraft(draft)) await this.forget(draft);
      });
    },
    async discardLocal(draft) {
      const text = t("已填写的内容和选好的文件将被清除。");
      if (!(await ask({ title: t("放弃这份备案？"), text, ok: t("放弃"), danger: true }))) return;
      dropLocal(draft.local);
      await this.forget(draft);
    },
    /** What this tab was writing of it is let go too. */
    async forget({ id, key }) {
      const draft = Alpine.store("draft");
      if (id && draft.data.filing?.id === id) draft.clear();
      this.drafts = this.drafts.filter((each) => each.key !== key);
    },
  };
}

const RULES = {
  city: t("这里按城市备案：备案到城市后，该市所有联网定点医院都能直接结算。"),
  province: t("这里全省（市）统筹：备案到这一级后，区域内所有联网定点医院都能直接结算。"),
};

/** The answer stays in the draft, so that the next steps have its documents and its notice. */
async function readOptions() {
  const { draft } = this;
  if (!draft.destination) return;
  const ask = () => optionsFor(draft.enrollment.id, draft.destination.code, draft.filing?.id);
  draft.options = await ask();
  if (draft.options.destination_rule === "province" && draft.destination.level !== "province") {
    draft.destination = await provinceOf(draft.destination);
    draft.options = await ask();
  }
  const types = draft.options.options.filter((option) => option.open).map((option) => option.type);
  if (types.includes(draft.type)) return;
  draft.type = types.length === 1 ? types[0] : "";
  this.changed();
}

/** What a reviewer may have marked of this step. */
const MARKED_HERE = { destination: t("就医地"), type: t("备案类型") };

/** Step 1, 选择: where care will be, and as what one files; the options explain themselves. */
function fileSelectPage() {
  return {
    ...loads(readOptions),
    get draft() {
      return Alpine.store("draft").data;
    },
    /** Another place or type: what the server has of it is not what is written any more. */
    changed() {
      if (this.draft.filing) this.draft.unsaved = true;
    },
    get marked() {
      return this.draft.marks.filter((name) => MARKED_HERE[name]).map((name) => MARKED_HERE[name]);
    },
    get mending() {
      return this.marked.length ? t("请补正：{join}。{reason}", { join: this.marked.join("、"), reason: this.draft.filing.decision.reason }) : "";
    },
    get insurance() {
      return word("insurance", this.draft.enrollment.insurance);
    },
    get rule() {
      return this.draft.destination ? (RULES[this.draft.options?.destination_rule] ?? "") : t("不用选医院，选到城市或省份即可。");
    },
    get needed() {
      return this.draft.options?.needed;
    },
    get options() {
      return (this.draft.options?.options ?? []).map((option) => presentOption(option, this.draft.options.dual_benefit));
    },
    /** What needs no filing here. */
    get free() {
      const options = this.draft.options ?? {};
      return [exemptText(options), ...(options.deemed ?? []).map((each) => each.text)].filter(Boolean);
    },
    get ready() {
      return this.state === "ready" && this.needed && Boolean(this.draft.type);
    },
    get next() {
      if (!this.draft.destination) return t("请先选择就医地");
      if (this.state !== "ready") return t("正在查询…");
      if (!this.needed) return t("不需要备案");
      return this.draft.type ? t("开始备案") : t("请选择备案类型");
    },
    async pick() {
      const area = await Alpine.store("areas").open();
      if (!area || area.code === this.draft.destination?.code) return;
      Object.assign(this.draft, { destination: area, options: null, noticeRead: "", hospitals: [], stay: { hospital: null, admitted_on: "" } });
      this.changed();
      await this.reload();
    },
    /** The link is a real link; it leads on only when the choice is complete, and until then to what is missing. */
    stop(event) {
      if (this.ready) return;
      event.preventDefault();
      if (!this.draft.destination) this.pick();
      else document.querySelector("#page [name=type]:enabled")?.focus();
    },
  };
}

/** Step 2, 告知书: read and ticked; the version that was shown is the one that is sent. */
function fileNoticePage() {
  return {
    read: false,
    asked: false,
    init() {
      this.read = this.draft.noticeRead === this.notice.id;
    },
    get draft() {
      return Alpine.store("draft").data;
    },
    get notice() {
      return Alpine.store("draft").option.notice;
    },
    get translation() {
      return translationOf(this.notice);
    },
    get version() {
      return t("{area_name} · 第 {version} 版", { area_name: this.draft.enrollment.area_name, version: this.notice.version });
    },
    get unread() {
      return this.asked && !this.read ? t("请先阅读告知书，再勾选已阅读。") : "";
    },
    begin() {
      this.asked = true;
      if (!this.read) return document.querySelector("#page [name=read]").focus();
      this.draft.noticeRead = this.notice.id;
      return go("#/file/form");
    },
  };
}

export const instead = stepInstead;

export const pages = { fileWhoPage, fileSelectPage, fileNoticePage };
