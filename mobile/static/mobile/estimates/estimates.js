/** 能报多少: what a planned visit would cost, asked as the API takes it and answered as bars. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { CLASSES, amountOf, atItems, blankItem, costOf, filled, lineOf, omittedText, partsOf, sumOf } from "../lib/amounts.js";
import { api } from "../lib/api.js";
import { acts, go, loads } from "../lib/lazy-pages.js";
import { t } from "../lib/parts.js";
import { statedOf } from "../lib/stated.js";
import { choices, date, insuranceName, money, word } from "../lib/words.js";
import { enrollmentTitle } from "../people/persons.js";
import { asksVisit, chosenOf, fileFor } from "./visit.js";

const whole = (text) => (/\d/.test(text) ? Number(text.replace(/\D/g, "")) : "");

/** A newborn goes with its mother, whose age is not its own. */
const insuredFacts = ({ insured: { area, insurance, category, age, retired }, stated }) =>
  filled({
    area: area?.code ?? "",
    insurance,
    person: category,
    age: stated.newborn ? "" : whole(age),
    retired_year: category === "retired" ? whole(retired) : "",
  });

/** A hospital says its level itself; without one, the province of the place is known at most. */
const placeFacts = ({ place, hospital, level }) =>
  hospital
    ? { institution: hospital.code }
    : { level: Number(level), ...(place && { destination: `${place.code.slice(0, 2)}0000` }) };

/** @param {object} visit  @returns {object} the body of `POST estimates/` */
const questionOf = (visit) => ({
  ...(visit.enrollment ? { enrollment: visit.enrollment } : insuredFacts(visit)),
  ...placeFacts(visit),
  care: visit.care,
  ...(visit.care === "chronic" && filled({ disease: visit.disease })),
  ...statedOf(visit),
  ...(visit.care === "inpatient" && visit.visit && { visit: Number(visit.visit) }),
  ...filled({ on: visit.day, account_balance: amountOf(visit.balance) }),
  cost: costOf(visit),
});

let last = { call: "", answer: null };

/** Asked once, also when the form has asked and the next page asks again. @returns {Promise<object>} */
function estimate(question) {
  const call = JSON.stringify(question);
  if (call !== last.call) {
    const answer = api.ask("estimates/", question).catch((error) => {
      last = { call: "", answer: null };
      throw atItems(error);
    });
    last = { call, answer };
  }
  return last.answer;
}

/** @returns {object} what a way of going pays and takes */
function paidOf({ amounts, lines }, sources) {
  return {
    total: money(amounts.total),
    fund: money(amounts.fund),
    own: t("自己付 {own} 元", { own: money(amounts.own) }),
    parts: partsOf(amounts),
    lines: lines.map(lineOf(sources)),
  };
}

/** @param {object} answer  @returns {object[]} each way of going as a bar, or as the reason why there is none */
function barsOf({ policy, results, best, ways }) {
  return Object.entries(results).map(([travel, result]) => ({
    travel,
    label: result.label,
    refused: result.refused ? word("refusal", result.refused) : "",
    reason: result.reason ?? "",
    best: travel === best?.travel,
    takes: ways.find((way) => way.travel === travel)?.takes ?? "",
    ...(!result.refused && paidOf(result, policy.sources)),
  }));
}

/** @returns {{name: string, look: string}[]} each payer that any bar shows, once */
const legendOf = (bars) => [...new Map(bars.flatMap((bar) => bar.parts ?? []).map((part) => [part.name, part])).values()];

const CATEGORIES = { employee: ["active", "retired"], resident: ["minor", "student", "adult", "elder"] };

const VISITS = [
  { code: "", name: t("按结算记录") },
  { code: "1", name: t("第 1 次") },
  { code: "2", name: t("第 2 次") },
  { code: "3", name: t("第 3 次") },
  { code: "4", name: t("第 4 次或更多") },
];

/** Who, where and how much; the answer is a page of its own, so that the way back leads here with everything still typed. */
function estimatePage() {
  return {
    ...loads(function () {
      return this.readChoices({ nobody: true });
    }),
    ...acts(),
    ...asksVisit(),
    classes: CLASSES,
    visits: VISITS,
    cares: choices("care"),
    levels: choices("level").reverse(),
    insurances: choices("insurance").map(({ code }) => ({ code, name: insuranceName(code) })),
    get visit() {
      return Alpine.store("visit").data;
    },
    get categories() {
      return choices("category").filter(({ code }) => CATEGORIES[this.visit.insured.insurance].includes(code));
    },
    get ownKnown() {
      const { excluded, over_limit, first_copay } = this.visit.cost;
      return Boolean(excluded || over_limit || first_copay);
    },
    get sum() {
      return sumOf(this.visit.items);
    },
    init() {
      if (!this.visit.items.length) this.addItem();
      return this.reload();
    },
    choosePerson(id) {
      this.visit.enrollment = id;
    },
    chooseInsurance(insurance) {
      Object.assign(this.visit.insured, { insurance, category: CATEGORIES[insurance].at(insurance === "employee" ? 0 : 2) });
    },
    async pickInsured() {
      const area = await Alpine.store("areas").open({ insured: true });
      if (area) this.visit.insured.area = { code: area.code, name: area.name };
    },
    anyHospital() {
      this.visit.hospital = null;
    },
    addItem() {
      this.visit.items.push(blankItem());
    },
    removeItem(index) {
      this.visit.items.splice(index, 1);
    },
    send() {
      return this.act(async () => {
        await estimate(questionOf(this.visit));
        go("#/estimate/result");
      });
    },
  };
}

async function readResult() {
  await this.readChoices({ nobody: true });
  this.answer = await estimate(questionOf(this.visit));
  this.bars = barsOf(this.answer);
}

const moreBy = (saves) => (Number(saves) > 0 ? t("，比不备案多报 {saves} 元", { saves: money(saves) }) : "");

/** The answer: each way of going as a bar, the best of them, and what it takes to get there. */
function estimateResultPage() {
  return {
    ...loads(readResult),
    ...acts(),
    ...asksVisit(),
    answer: null,
    bars: [],
    get visit() {
      return Alpine.store("visit").data;
    },
    get legend() {
      return legendOf(this.bars);
    },
    get asked() {
      const { insured, hospital, level, care } = this.visit;
      const unbound = enrollmentTitle({ area_name: insured.area?.name, ...insured });
      const total = this.bars.find((bar) => bar.total)?.total;
      const what = [hospital?.name ?? word("level", level), word("care", care), total && t("共 {total} 元", { total })];
      return { who: chosenOf(this)?.label ?? unbound, what: what.filter(Boolean).join(" · ") };
    },
    get verdict() {
      const { best } = this.answer;
      const bar = this.bars.find((each) => each.best);
      if (!bar?.fund) return { toneClass: "tone-warn", title: t("没有能报销的情形"), text: t("原因见下面每一种情形。"), how: "", other: "" };
      return {
        toneClass: "tone-good",
        title: t("最多报 {fund} 元", { fund: bar.fund }),
        text: t("按“{label}”{saves}。", { label: bar.label, saves: moreBy(best.saves) }),
        how: best.takes,
        other: this.shortStay,
      };
    },
    /** The best way may be for those who live there; a traveller's best is another. */
    get shortStay() {
      if (!this.answer.best.lasting) return "";
      const short = this.answer.ways.filter((each) => !each.lasting && each.travel !== "unfiled");
      const way = short.find((each) => each.direct);
      const bar = way && this.bars.find((each) => each.travel === way.travel);
      if (bar?.fund) return t("不在当地长住的，按“{label}”报 {fund} 元：{takes}", { label: bar.label, fund: bar.fund, takes: way.takes });
      return short.length ? t("不在当地长住的，没有查到备案后报多少，请就医前询问参保地经办机构或12393。") : "";
    },
    get files() {
      return Boolean(chosenOf(this) && this.visit.place && this.answer.best?.types.length);
    },
    get basis() {
      const { policy, on, recorded } = this.answer;
      return t("按{name}在{on}的政策估算{recorded}，实际以结算为准。", { name: policy.name, on: date(on), recorded: recorded ? t("，已计入今年结算过的费用") : "" });
    },
    get omitted() {
      return omittedText(this.answer.not_included);
    },
    get known() {
      return `#/coverage/${this.answer.policy.area}`;
    },
    file() {
      const { types } = this.answer.best;
      return this.act(() => fileFor(this, { type: types[0].type }));
    },
  };
}

export const pages = { estimatePage, estimateResultPage };
