/** 查询: what anyone may look up without signing in, and the first of it, the diseases. */

import { api, rows } from "../lib/api.js";
import { go, loads } from "../lib/lazy-pages.js";
import { t } from "../lib/parts.js";
import { wanted } from "./hospitals.js";

const ENTRIES = [
  { href: "#/hospitals", icon: "#i-shield", tone: "tone-good", name: t("定点医院和药店"), note: t("开通了什么，怎么去，怎么联系") },
  { href: "#/agencies", icon: "#i-pin", tone: "tone-info", name: t("经办机构"), note: t("参保地医保窗口的地址和电话") },
  { href: "#/diseases", icon: "#i-file", tone: "tone-good", name: t("门诊慢特病病种"), note: t("哪些病能跨省直接结算") },
  { href: "#/estimate", icon: "#i-bars", tone: "tone-info", name: t("能报多少"), note: t("各种去法报多少，比一比") },
  { href: "#/policies", icon: "#i-paper", tone: "tone-warn", name: t("待遇政策"), note: t("每个地方怎么报，一条条讲清楚") },
  { href: "#/coverage", icon: "#i-list", tone: "tone-warn", name: t("查得到的待遇"), note: t("哪些查得到，依据有多可靠") },
  { href: "#/notices", icon: "#i-bell", tone: "tone-info", name: t("备案告知书"), note: t("备案前要知道的事") },
  { href: "#/help", icon: "#i-info", tone: "tone-good", name: t("常见问题"), note: t("不知道怎么办，先看这里") },
  { href: "#/privacy", icon: "#i-me", tone: "tone-plain", name: t("个人信息"), note: t("存了什么，谁能看到，存多久") },
];

function lookupPage() {
  return { entries: ENTRIES };
}

const DISEASES = 100;

function diseasesPage() {
  return {
    ...loads(async function () {
      const found = rows(await api.get("diseases/", { page_size: DISEASES }));
      this.diseases = found.map(({ code, name, since }) => ({ code, name, note: t("编码 {code} · {since} 年起可跨省直接结算", { code, since }) }));
    }),
    q: "",
    diseases: [],
    get shown() {
      const q = this.q.trim().toLowerCase();
      return this.diseases.filter(({ code, name }) => name.includes(q) || code.toLowerCase().includes(q));
    },
    get emptyText() {
      return t("没有名称或编码含“{trim}”的病种。能跨省直接结算的门诊慢特病只有这 {length} 种；其他病种请先自费，再回参保地报销。", { trim: this.q.trim(), length: this.diseases.length });
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
