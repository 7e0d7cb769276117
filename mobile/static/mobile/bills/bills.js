/** My bills and my family's: one person's insurance year, how far it is to each threshold, and the bills of it. */

import { api } from "../lib/api.js";
import { listing, rows } from "../lib/lists.js";
import { loads } from "../lib/page.js";
import { selfFirst } from "../lib/persons.js";
import { choices, word } from "../lib/words.js";
import { present } from "./presenting.js";
import { presentYear } from "./years.js";

/** What was looked at, for the way back from a bill. */
const looked = { person: "", insured: "", year: "", care: "" };

async function readYears() {
  const [persons, years] = await Promise.all([api.get("persons/"), api.get("settlement-years/")]);
  const active = rows(persons).filter((person) => person.mandate.status === "active");
  this.persons = selfFirst(active).map(({ id, name, relation }) => ({ id, label: `${name}（${word("relation", relation)}）` }));
  this.years = years.map(presentYear);
  this.person = (this.persons.find(({ id }) => id === looked.person) ?? this.persons[0])?.id ?? "";
  this.care = looked.care;
}

export function billsPage() {
  return {
    ...loads(readYears),
    persons: [],
    years: [],
    cares: [{ code: "", name: "全部" }, ...choices("care")],
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

export function billList() {
  return {
    ...listing("settlements/", "bills", present, (page) => JSON.parse(page.question)),
    get filtered() {
      return Boolean(JSON.parse(this.question).care);
    },
    get said() {
      return this.state === "ready" ? `${this.bills.length} 笔账单` : "";
    },
  };
}
