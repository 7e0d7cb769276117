/** Chronic and special diseases: what is recognised or under way, and for whom to apply. */

import { api } from "../lib/api.js";
import { rows } from "../lib/lists.js";
import { loads } from "../lib/page.js";
import { presentEnrollment, selfFirst } from "../lib/persons.js";
import { present } from "./recognitions.js";
import { word } from "../lib/words.js";

const SHOWN = 100;

async function readChronic() {
  const [persons, recognitions] = await Promise.all([api.get("persons/"), api.get("recognitions/", { page_size: SHOWN })]);
  this.recognitions = rows(recognitions).map(present);
  const active = selfFirst(rows(persons)).filter((person) => person.mandate.status === "active");
  this.persons = active.map((person) => ({
    id: person.id,
    title: `${person.name}（${word("relation", person.relation)}）`,
    enrollments: person.enrollments.map((each) => ({ ...presentEnrollment(each), href: `#/chronic/apply/${each.id}` })),
  }));
}

const LIVE = new Set(["draft", "submitted", "returned", "approved"]);

export function chronicPage() {
  return {
    ...loads(readChronic),
    persons: [],
    recognitions: [],
    get groups() {
      const now = this.recognitions.filter((row) => LIVE.has(row.code));
      const past = this.recognitions.filter((row) => !LIVE.has(row.code));
      return [
        { title: "我的认定", recognitions: now },
        { title: "以往的认定", recognitions: past },
      ].filter((group) => group.recognitions.length);
    },
  };
}
