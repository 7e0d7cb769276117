/** Manual reimbursement: what was claimed, and for whom to claim. */

import { api } from "../lib/api.js";
import { listing, rows } from "../lib/lists.js";
import { presentEnrollment, selfFirst } from "../lib/persons.js";
import { word } from "../lib/words.js";
import { present } from "./claims.js";

const applying = (person) => ({
  id: person.id,
  title: `${person.name}（${word("relation", person.relation)}）`,
  enrollments: person.enrollments.map((each) => ({ ...presentEnrollment(each), href: `#/claims/apply/${each.id}` })),
});

export function claimsPage() {
  const list = listing("claims/", "claims", present);
  return {
    ...list,
    persons: [],
    async init() {
      await Promise.all([this.reload(), this.readPersons()]);
    },
    /** Without the names there is just nobody to claim for. */
    async readPersons() {
      const persons = rows(await api.get("persons/").catch(() => []));
      this.persons = selfFirst(persons.filter((person) => person.mandate.status === "active")).map(applying);
    },
  };
}
