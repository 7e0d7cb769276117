/** Home: the way into filing, and what is in force or under way. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api } from "../lib/api.js";
import { present } from "../lib/filings.js";
import { rows } from "../lib/lists.js";
import { loads } from "../lib/page.js";

const SHOWN = 50;
const OPEN = "returned,submitted,approved";
const GROUPS = [
  { title: "需要您处理", has: (filing) => filing.code === "returned" },
  { title: "办理中", has: (filing) => filing.code === "submitted" },
  { title: "生效中的备案", has: (filing) => filing.code === "approved" },
];

async function readHome() {
  const [persons, filings] = await Promise.all([api.get("persons/"), api.get("filings/", { status: OPEN, page_size: SHOWN })]);
  this.persons = rows(persons);
  this.filings = rows(filings).map(present);
}

export function homePage() {
  return {
    ...loads(readHome),
    persons: [],
    filings: [],
    get bound() {
      return this.persons.length > 0;
    },
    get pending() {
      const count = this.persons.filter((person) => person.mandate.status === "pending").length;
      return count ? `${count} 位参保人等待验证` : "";
    },
    get groups() {
      const groups = GROUPS.map(({ title, has }) => ({ title, filings: this.filings.filter(has) }));
      return groups.filter((group) => group.filings.length);
    },
    get begun() {
      const { begun, data } = Alpine.store("draft");
      return begun ? `继续填写：${data.person.name} → ${data.destination.name}` : "";
    },
  };
}
