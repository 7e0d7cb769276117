/** 我要去外地看病: where, how urgent, why and for how long lead to the right filing, or to the reason why none is needed. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import "../estimates/visit.js";
import { beginFiling } from "../filings/draft.js";
import { api, rows } from "../lib/api.js";
import { loads } from "../lib/lazy-pages.js";
import { t } from "../lib/parts.js";
import { provinceOf } from "../lib/places.js";
import { insuredOf } from "../people/persons.js";
import { presentAnswer } from "./answer.js";

/** What is said of a journey decides as what one files. `long`: somebody lives there, if it is for half a year or more. */
const REASONS = [
  { code: "retiree", name: t("退休后在那边定居"), note: t("户口已迁过去"), long: true },
  { code: "resident", name: t("长期在那边生活"), note: t("如随子女居住"), long: true },
  { code: "worker", name: t("长期在那边工作"), note: t("单位派驻、外出务工"), long: true },
  { code: "referral", name: t("医院建议转过去"), note: t("参保地医院开了转诊证明") },
  { code: "other", name: t("自己想去那边看病"), note: t("没有转诊证明") },
  { code: "travel", name: t("出差、旅游、探亲"), note: t("在那边可能要看病") },
];
const URGENCIES = [
  { code: "planned", name: t("计划好的"), note: t("还没去，或不急") },
  { code: "emergency", name: t("突发急病"), note: t("需要急诊抢救") },
];
const LENGTHS = [
  { code: "short", name: t("不到半年") },
  { code: "long", name: t("半年以上") },
];

const blank = () => ({ enrollment: "", place: null, urgency: "", reason: "", length: "" });

/** Kept while the pages are open, so that the way back finds what was said. */
Alpine.store("guide", blank());

const reasonOf = ({ reason }) => REASONS.find(({ code }) => code === reason);

/** @returns {string} as what one would file by what was said; empty while something is not said yet */
function typeOf(said) {
  if (said.urgency === "emergency") return "emergency";
  const reason = reasonOf(said);
  if (!said.urgency || !reason) return "";
  if (reason.code === "referral") return "referral";
  if (!said.length) return "";
  if (said.length === "short") return "other";
  return reason.long ? reason.code : reason.code === "other" ? "other" : "resident";
}

async function readPersons() {
  this.insured = insuredOf(rows(await api.get("persons/")));
  if (!this.insured.some(({ id }) => id === this.said.enrollment)) this.said.enrollment = this.insured[0]?.id ?? "";
}

function guidePage() {
  return {
    ...loads(readPersons),
    insured: [],
    urgencies: URGENCIES,
    reasons: REASONS,
    lengths: LENGTHS,
    get said() {
      return Alpine.store("guide");
    },
    get asksReason() {
      return Boolean(this.said.place) && this.said.urgency === "planned";
    },
    get asksLength() {
      return this.asksReason && Boolean(this.said.reason) && this.said.reason !== "referral";
    },
    /** One answer stands for one set of facts; others begin it anew. */
    get questions() {
      const { enrollment, place } = this.said;
      const type = typeOf(this.said);
      return enrollment && place && type ? [JSON.stringify({ enrollment, destination: place.code, type })] : [];
    },
    choosePerson(id) {
      this.said.enrollment = id;
    },
    async pick() {
      const place = await Alpine.store("areas").open();
      if (place) this.said.place = place;
    },
  };
}

/** What can be filed there; a city of a province that pools as a whole stands for the province. */
async function readAnswer() {
  const { enrollment, destination, type } = JSON.parse(this.question);
  const ask = (place) => api.get("filing-options/", { enrollment, destination: place.code });
  this.place = this.said.place;
  let options = await ask({ code: destination });
  if (options.destination_rule === "province" && this.place.level !== "province") {
    this.place = await provinceOf(this.place);
    options = await ask(this.place);
  }
  this.answer = presentAnswer(options, type);
  Alpine.store("visit").planFor(enrollment, this.place.code, this.place.name);
}

function guideAnswer() {
  return {
    ...loads(readAnswer),
    answer: null,
    place: null,
    /** The filing opens with everything that was said. */
    file(type) {
      const { person, enrollment } = this.insured.find(({ id }) => id === this.said.enrollment);
      return beginFiling({ person: { id: person.id, name: person.name }, enrollment, destination: this.place, type });
    },
  };
}

export const pages = { guidePage, guideAnswer };
