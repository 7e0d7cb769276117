/** Before the steps: for whom, and by which enrolment. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api } from "../lib/api.js";
import { rows } from "../lib/lists.js";
import { ask, loads } from "../lib/page.js";
import { presentEnrollment, selfFirst } from "../lib/persons.js";
import { go } from "../lib/router.js";
import { word } from "../lib/words.js";

async function readPersons() {
  const persons = selfFirst(rows(await api.get("persons/"))).filter((person) => person.mandate.status === "active");
  this.persons = persons.map((person) => ({
    id: person.id,
    name: person.name,
    title: `${person.name}（${word("relation", person.relation)}）`,
    enrollments: person.enrollments.map(presentEnrollment),
  }));
}

export function fileWhoPage() {
  return {
    ...loads(readPersons),
    persons: [],
    get begun() {
      const { person, destination } = Alpine.store("draft").data;
      return person && destination ? `${person.name} → ${destination.name}` : "";
    },
    get onward() {
      return Alpine.store("draft").option ? "#/file/form" : "#/file/select";
    },
    choose(person, enrollment) {
      Alpine.store("draft").start({ person: { id: person.id, name: person.name }, enrollment });
      go("#/file/select");
    },
    async discard() {
      const text = "已填写的内容和选好的文件将被清除。";
      if (await ask({ title: "放弃这份备案？", text, ok: "放弃", danger: true })) Alpine.store("draft").clear();
    },
  };
}
