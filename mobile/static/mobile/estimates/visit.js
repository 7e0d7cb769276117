/** The care someone is thinking of: for whom, where, what, when, and what it may cost. Both pages before a visit read and write it. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { beginFiling } from "../filings/draft.js";
import { api, rows } from "../lib/api.js";
import "../lib/places.js";
import { blankStated } from "../lib/stated.js";
import { today } from "../lib/words.js";
import { persist } from "../lib/written.js";
import { insuredOf } from "../people/persons.js";

const DISEASES = 100;

/** @returns {object} `enrollment`: null before the first choice, "" for nobody: then what is said in `insured` stands for one */
const blank = () => ({
  enrollment: null,
  insured: { area: null, insurance: "employee", category: "active", age: "", retired: "" },
  place: null,
  hospital: null,
  level: "3",
  care: "inpatient",
  disease: "",
  stated: blankStated(),
  born_on: "",
  day: "",
  visit: "",
  itemised: "",
  cost: { total: "", excluded: "", over_limit: "", first_copay: "" },
  balance: "",
  items: [],
});

const visitStore = {
  data: blank(),
  /** What a filing knows already. */
  planFor(enrollment, code, name) {
    const hospital = this.data.place?.code === code ? this.data.hospital : null;
    Object.assign(this.data, { enrollment, place: { code, name }, hospital });
  },
  /** A hospital that was looked up. */
  planAt(hospital, place) {
    Object.assign(this.data, { hospital, place });
  },
};

Alpine.store("visit", visitStore);
/** A day that is over was planned for another visit. */
const mend = (data) => ({ ...data, day: data.day < today() ? "" : data.day });
/** Said of a visit by somebody who had not signed in. */
const begun = ({ insured, place, hospital, cost, items }) => Boolean(insured.area || place || hospital || cost.total || items.some(({ amount }) => amount));
persist("visit", "visit", blank, { mend, begun });

/** @returns {object} methods only (getters do not survive a spread), for pages that have `visit` */
export function asksVisit() {
  return {
    persons: [],
    diseases: [],
    /** @param {{nobody?: boolean}} [options] nobody: an estimate needs no person */
    async readChoices({ nobody = false } = {}) {
      const { token } = Alpine.store("session");
      const [persons, diseases] = await Promise.all([token ? api.get("persons/") : [], api.get("diseases/", { page_size: DISEASES })]);
      this.persons = insuredOf(rows(persons));
      this.diseases = rows(diseases);
      const known = this.persons.some((each) => each.id === this.visit.enrollment) || (nobody && this.visit.enrollment === "");
      if (!known) this.visit.enrollment = this.persons[0]?.id ?? "";
      this.visit.day ||= today();
    },
    /** A place first, then at once a hospital of it. */
    async pickPlace() {
      const place = await Alpine.store("areas").open();
      if (!place) return;
      if (place.code !== this.visit.place?.code) this.visit.hospital = null;
      this.visit.place = { code: place.code, name: place.name };
      await this.pickHospital();
    },
    /** @param {{care?: string, disease?: string}} [open] what it must be open for */
    async pickHospital(open = {}) {
      const found = await Alpine.store("hospitals").open(this.visit.place.code, open);
      if (found) this.visit.hospital = { code: found.code, name: found.name };
    },
  };
}

/** @returns {?{label: string, person: object, enrollment: object}} the chosen enrolment */
export const chosenOf = (page) => page.persons.find((each) => each.id === page.visit.enrollment) ?? null;

/** From either page to a filing that would do. @param {{destination?: string, type?: string}} wanted a place other than the visit's; a type */
export async function fileFor(page, { destination = page.visit.place.code, type = "" }) {
  const { person, enrollment } = chosenOf(page);
  const place = await api.get(`areas/${destination}/`);
  await beginFiling({ person: { id: person.id, name: person.name }, enrollment, destination: place, type });
}
