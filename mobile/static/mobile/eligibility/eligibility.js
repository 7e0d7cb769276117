/** 能不能直接结算: the conditions in the order in which they fail, and at each that is not met what to do, one tap away. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { asksVisit, fileFor } from "../estimates/visit.js";
import { api } from "../lib/api.js";
import { acts, loads } from "../lib/lazy-pages.js";
import { t } from "../lib/parts.js";
import { statedOf } from "../lib/stated.js";
import { choices } from "../lib/words.js";

const met = ({ label, message }) => ({ title: label, text: message, state: t("已满足："), toneClass: "tone-good", icon: "#i-check" });

/** What is wrong is the title itself: 备案有效 in red would say the opposite. */
const unmet = ({ message, remedy }) => ({
  title: message.replace(/。$/, ""),
  text: remedy,
  state: t("未满足："),
  toneClass: "tone-bad",
  icon: "#i-close",
});

/** @returns {?{name: string, href?: string, kind?: string}} a link, or a button for what the page does itself */
function buttonOf(action) {
  if (action?.kind === "call") return { name: action.label, href: `tel:${action.phone}` };
  if (action?.kind === "filing") return { name: action.label, href: `#/records/${action.filing}` };
  if (action?.kind === "file" || action?.kind === "institutions") return { ...action, name: action.label };
  return null;
}

/** @returns {string} the title, who published it and when */
const citationOf = (source) => (source ? [source.title, source.publisher, source.year].filter(Boolean).join("，") : "");

/** @returns {object[]} in their order, with what is shown of each */
const presentConditions = (conditions) =>
  conditions.map((condition) => ({
    ...condition,
    ...(condition.met ? met(condition) : unmet(condition)),
    button: condition.met ? null : buttonOf(condition.action),
    citation: citationOf(condition.source),
  }));

function directPage() {
  return {
    ...loads(function () {
      return this.readChoices();
    }),
    ...acts(),
    ...asksVisit(),
    cares: choices("care"),
    said: "",
    get visit() {
      return Alpine.store("visit").data;
    },
    get missing() {
      const { hospital, care, disease, day } = this.visit;
      if (!hospital) return t("选好医院，马上告诉您能不能直接结算。");
      if (care === "chronic" && !disease) return t("请选择病种。");
      return day ? "" : t("请选择就医日期。");
    },
    /** One answer stands for one question; another question begins it anew. */
    get questions() {
      const { enrollment, hospital, care, disease, day } = this.visit;
      if (this.missing) return [];
      const asked = { enrollment, institution: hospital.code, care, disease: care === "chronic" ? disease : "", on: day };
      return [JSON.stringify({ ...asked, ...statedOf(this.visit) })];
    },
    choosePerson(id) {
      this.visit.enrollment = id;
    },
  };
}

async function readAnswer() {
  this.answer = await api.get("eligibility/", JSON.parse(this.question));
  this.said = this.title;
}

/** What the page itself does about a condition, by the kind of the API's action. */
const RUNS = {
  file: fileFor,
  institutions: (page, { care, disease }) => page.pickHospital({ care, disease }),
};

function directAnswer() {
  return {
    ...loads(readAnswer),
    ...acts(),
    answer: null,
    get conditions() {
      return presentConditions(this.answer.conditions);
    },
    get failed() {
      return this.answer.conditions.filter((condition) => !condition.met).length;
    },
    get title() {
      return this.answer.direct ? t("可以直接结算") : t("还不能，差 {failed} 项", { failed: this.failed });
    },
    get text() {
      if (!this.answer.direct) return t("请按下面标红的提示办理或询问。");
      return t("按“{travel_label}”享受待遇，出院或离院时只付自己的部分。", { travel_label: this.answer.travel_label });
    },
    get toneClass() {
      return this.answer.direct ? "tone-good" : "tone-bad";
    },
    get icon() {
      return this.answer.direct ? "#i-check" : "#i-close";
    },
    get agency() {
      const { agency, direct } = this.answer;
      return agency?.phone && !direct ? { ...agency, href: `tel:${agency.phone}` } : null;
    },
    run(button) {
      return this.act(() => RUNS[button.kind](this, button));
    },
  };
}

export const pages = { directPage, directAnswer };
