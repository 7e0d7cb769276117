/** 待遇政策 and 备案告知书: what an area pays and what it asks, in plain words with the source of each figure. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api, rows } from "../lib/api.js";
import { go, loads } from "../lib/lazy-pages.js";
import "../lib/places.js";
import { date, today, word } from "../lib/words.js";
import { finds } from "./finding.js";

const NATIONAL = "000000";

const spanOf = (row) => (row.effective_until ? `${date(row.effective_from)} 起，至 ${date(row.effective_until)} 前` : `${date(row.effective_from)} 起`);

const present = (row) => ({
  id: row.id,
  name: row.name,
  note: `${spanOf(row)} · ${row.sources.length} 个依据`,
  href: `#/policies/${encodeURIComponent(row.id)}`,
});

/** The policies that count today, by the name of their area. */
function policiesPage() {
  return {
    ...finds("policies/", present, ({ q }) => ({ q: q.trim(), on: today() })),
    q: "",
    clear() {
      this.q = "";
      return this.reload();
    },
    get total() {
      return `今天有效的政策 ${this.count} 份`;
    },
    get emptyText() {
      return `没有名称含“${this.q.trim()}”的政策：还没有人收录这个地方，所以这里算不出报多少。请询问参保地经办机构，或拨打 12393。`;
    },
  };
}

const citation = (sources) => sources.map(({ id }) => id).join("、");

/** The last cell of a row is what the rule gives, those before it are when. */
const rowOf = ({ cells, mark, sources }, index) => ({
  key: index,
  when: cells.slice(0, -1).filter(Boolean).join(" · "),
  gives: cells.at(-1),
  mark,
  by: citation(sources),
});

const blockOf = (block, index) => ({
  key: index,
  text: block.text ?? "",
  by: citation(block.sources ?? []),
  title: block.title ?? "",
  gives: block.columns?.at(-1) ?? "",
  rows: (block.rows ?? []).map(rowOf),
  note: block.note ?? "",
});

const sectionOf = ({ key, title, blocks }) => ({ key, title, blocks: blocks.map(blockOf) });

const sourceOf = ({ id, title, publisher, year, url, grade }) => ({
  id,
  title,
  by: [publisher, year].filter(Boolean).join("，"),
  grade: `${grade} 级：${word("grade", grade)}`,
  url,
});

/** One policy in Chinese, a section opened at a time. */
function policyPage() {
  return {
    ...loads(async function () {
      this.policy = await api.get(`policies/${encodeURIComponent(Alpine.store("route").params.id)}/`);
    }),
    policy: null,
    get title() {
      return this.policy.readable.title || this.policy.name;
    },
    get span() {
      return spanOf(this.policy);
    },
    get sections() {
      return this.policy.readable.sections.map(sectionOf);
    },
    get sources() {
      return this.policy.sources.map(sourceOf);
    },
    get local() {
      return this.policy.area !== NATIONAL;
    },
    get noticesHref() {
      return `#/notices/${this.policy.area}`;
    },
    get coverageHref() {
      return `#/coverage/${this.policy.area}`;
    },
  };
}

async function pickInsured() {
  const area = await Alpine.store("areas").open({ insured: true });
  if (area) go(`#/notices/${area.code}`);
}

async function readNotices() {
  const { area } = Alpine.store("route").params;
  if (!area) return;
  const [{ name }, notices] = await Promise.all([api.get(`areas/${area}/`), api.get("notices/", { area })]);
  this.name = name;
  this.notices = rows(notices).map(({ id, type, version, text }) => ({ id, text, name: word("type", type), version: `第 ${version} 版` }));
}

/** The notices of an area, one for each type of filing. */
function noticesPage() {
  return {
    ...loads(readNotices),
    name: "",
    notices: [],
    get placeName() {
      return this.name || "请选择在哪里参保";
    },
    pickInsured,
  };
}

export const pages = { policiesPage, policyPage, noticesPage };
