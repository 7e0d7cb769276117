/** My bills and my family's: one person's insurance year, how far it is to each threshold, and the bills of it. */

import { wide } from "../lib/amounts.js";
import { api, rows } from "../lib/api.js";
import { loads } from "../lib/lazy-pages.js";
import { listing } from "../lib/listing.js";
import { t } from "../lib/parts.js";
import { choices, daysOf, money } from "../lib/words.js";
import { activeOf, personTitle } from "../people/persons.js";
import { presentYear } from "./years.js";

const STATUS = { settled: { name: t("已结算"), tone: "good" }, reversed: { name: t("已冲正"), tone: "bad" } };
const CLAIMED = { name: t("已报销"), tone: "info" };

/** @returns {object} the API's row with what the pages show of it */
export function present(bill) {
  const status = bill.status === "settled" && bill.channel === "manual" ? CLAIMED : STATUS[bill.status];
  return {
    ...bill,
    status: status.name,
    toneClass: `tone-${status.tone}`,
    reversed: bill.status === "reversed",
    title: bill.institution_name,
    what: [bill.care_area_name, bill.care_label, bill.disease_name].filter(Boolean).join(" · "),
    when: daysOf(bill),
    totalText: money(bill.total),
    fundText: money(bill.fund),
    ownText: money(bill.own),
    fundStyle: wide(bill.fund),
    ownStyle: wide(bill.own),
    href: `#/bills/${bill.id}`,
  };
}

/** What was looked at, for the way back from a bill. */
const looked = { person: "", insured: "", year: "", care: "" };

async function readYears() {
  const [persons, years] = await Promise.all([api.get("persons/"), api.get("settlement-years/")]);
  this.persons = activeOf(rows(persons)).map((person) => ({ id: person.id, label: personTitle(person) }));
  this.years = years.map(presentYear);
  this.person = (this.persons.find(({ id }) => id === looked.person) ?? this.persons[0])?.id ?? "";
  this.care = looked.care;
}

/** The list from which a bill was opened. */
const opened = new Set();

function billsPage() {
  return {
    ...loads(readYears),
    persons: [],
    years: [],
    cares: [{ code: "", name: t("全部") }, ...choices("care")],
    person: "",
    insured: looked.insured,
    start: looked.year,
    care: "",
    get several() {
      return this.persons.length > 1;
    },
    get ofPerson() {
      return this.years.filter((year) => year.person === this.person);
    },
    /** Where the person is insured; more than one after a move, say. */
    get insurances() {
      return [...new Map(this.ofPerson.map((year) => [year.insured, { id: year.insured, name: year.insuredTitle }])).values()];
    },
    get chosenInsured() {
      return this.insurances.find(({ id }) => id === this.insured)?.id ?? this.insurances[0]?.id;
    },
    get ofInsured() {
      return this.ofPerson.filter((year) => year.insured === this.chosenInsured);
    },
    /** The year that is shown, as a list of none or one: another year's begins anew. */
    get shown() {
      const year = this.ofInsured.find(({ start }) => start === this.start) ?? this.ofInsured[0];
      return year ? [year] : [];
    },
    get questions() {
      return this.shown.map(({ person, area, insurance, start }) =>
        JSON.stringify({ person, insured_area: area, insurance, year: start, care: this.care }),
      );
    },
    choosePerson(id) {
      Object.assign(this, { person: id, insured: "", start: "" });
      this.remember();
    },
    chooseInsured(id) {
      Object.assign(this, { insured: id, start: "" });
      this.remember();
    },
    chooseYear(start) {
      this.start = start;
      this.remember();
    },
    chooseCare(code) {
      this.care = code;
      this.remember();
    },
    remember() {
      Object.assign(looked, { person: this.person, insured: this.insured, year: this.start, care: this.care });
    },
  };
}

function billList() {
  const list = listing("settlements/", "bills", present, (page) => JSON.parse(page.question));
  return {
    ...list,
    /** In 长辈版 the way back from a bill leads to the list, which is the last of this page's pages. */
    async init() {
      await this.reload();
      if (opened.delete(this.question)) this.$root.dispatchEvent(new Event("wanted", { bubbles: true }));
    },
    destroy() {
      list.destroy.call(this);
      if (this.bills.some(({ href }) => href === location.hash)) opened.add(this.question);
    },
    get filtered() {
      return Boolean(JSON.parse(this.question).care);
    },
    get said() {
      return this.state === "ready" ? t("{length} 笔账单", { length: this.bills.length }) : "";
    },
  };
}

export const pages = { billsPage, billList };
