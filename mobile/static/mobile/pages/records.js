/** The list of filings, by status and person. */

import { api } from "../lib/api.js";
import { present } from "../lib/filings.js";
import { listing, rows } from "../lib/lists.js";

const FILTERS = [
  { status: "", name: "全部" },
  { status: "submitted", name: "审核中" },
  { status: "returned", name: "待补正" },
  { status: "approved", name: "已通过" },
  { status: "rejected", name: "未通过" },
  { status: "draft", name: "草稿" },
  { status: "expired", name: "已到期" },
  { status: "cancelled", name: "已取消" },
  { status: "withdrawn", name: "已撤回" },
];

export function recordsPage() {
  const list = listing("filings/", "filings", present, ({ status, person }) => ({ status, person }));
  return {
    ...list,
    filters: FILTERS,
    status: "",
    person: "",
    persons: [],
    async init() {
      await Promise.all([this.reload(), this.readPersons()]);
    },
    /** Without the names there is just no choice by person. */
    async readPersons() {
      const persons = await api.get("persons/").catch(() => []);
      this.persons = rows(persons).filter((person) => person.mandate.status === "active");
    },
    show(status) {
      this.status = status;
      return this.reload();
    },
    get emptyText() {
      return this.status || this.person ? "没有符合条件的备案。" : "还没有备案记录。去外地就医之前，先在这里备案。";
    },
  };
}
