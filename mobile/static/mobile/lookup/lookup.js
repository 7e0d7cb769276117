/** 查询: what anyone may look up without signing in, and the first of it, the diseases. */

import { api, rows } from "../lib/api.js";
import { go, loads } from "../lib/lazy-pages.js";
import { wanted } from "./hospitals.js";

const ENTRIES = [
  { href: "#/hospitals", icon: "#i-shield", tone: "tone-good", name: "定点医院和药店", note: "开通了什么，怎么去，怎么联系" },
  { href: "#/agencies", icon: "#i-pin", tone: "tone-info", name: "经办机构", note: "参保地医保窗口的地址和电话" },
  { href: "#/diseases", icon: "#i-file", tone: "tone-good", name: "门诊慢特病病种", note: "哪些病能跨省直接结算" },
  { href: "#/estimate", icon: "#i-bars", tone: "tone-info", name: "能报多少", note: "各种去法报多少，比一比" },
  { href: "#/coverage", icon: "#i-list", tone: "tone-warn", name: "查得到的待遇", note: "哪些查得到，依据有多可靠" },
];

function lookupPage() {
  return { entries: ENTRIES };
}

const DISEASES = 100;

function diseasesPage() {
  return {
    ...loads(async function () {
      const found = rows(await api.get("diseases/", { page_size: DISEASES }));
      this.diseases = found.map(({ code, name, since }) => ({ code, name, note: `编码 ${code} · ${since} 年起可跨省直接结算` }));
    }),
    q: "",
    diseases: [],
    get shown() {
      const q = this.q.trim().toLowerCase();
      return this.diseases.filter(({ code, name }) => name.includes(q) || code.toLowerCase().includes(q));
    },
    get emptyText() {
      return `没有名称或编码含“${this.q.trim()}”的病种。能跨省直接结算的门诊慢特病只有这 ${this.diseases.length} 种；其他病种请先自费，再回参保地报销。`;
    },
    clear() {
      this.q = "";
    },
    hospitalsOf({ code }) {
      wanted.only({ care: "chronic", disease: code });
      go("#/hospitals");
    },
  };
}

export const pages = { lookupPage, diseasesPage };
