/** 能报多少: who, where and how much; the answer is a page of its own, so that the way back leads here with everything still typed. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { amountOf, estimate, questionOf } from "./estimates.js";
import { money } from "../lib/format.js";
import { acts, loads } from "../lib/page.js";
import { go } from "../lib/router.js";
import { asksVisit } from "../lib/visit.js";
import { choices, insuranceName } from "../lib/words.js";

const CATEGORIES = { employee: ["active", "retired"], resident: ["minor", "student", "adult", "elder"] };
export const CLASSES = [
  { code: "A", name: "甲类" },
  { code: "B", name: "乙类" },
  { code: "C", name: "自费" },
];

const VISITS = [
  { code: "", name: "按结算记录" },
  { code: "1", name: "第 1 次" },
  { code: "2", name: "第 2 次" },
  { code: "3", name: "第 3 次" },
  { code: "4", name: "第 4 次或更多" },
];

/** @returns {string} what the lines of a bill come to */
export function sumOf(items) {
  const total = items.reduce((sum, item) => sum + (Number(amountOf(item.amount)) || 0), 0);
  return `合计 ${money(total.toFixed(2))} 元`;
}

export const blankItem = () => ({ name: "", class: "A", amount: "", copay: "", limit: "" });

export function estimatePage() {
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
