/** 待遇政策 and 备案告知书: what an area pays and what it asks, in plain words with the source of each figure. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { sourceOf } from "../lib/amounts.js";
import { api, rows } from "../lib/api.js";
import { go, loads } from "../lib/lazy-pages.js";
import { listing } from "../lib/listing.js";
import { marks, translationOf } from "../lib/originals.js";
import { t } from "../lib/parts.js";
import "../lib/places.js";
import { date, today, word } from "../lib/words.js";

const NATIONAL = "000000";

const spanOf = (row) => (row.effective_until ? t("{from} 起，至 {until} 前", { from: date(row.effective_from), until: date(row.effective_until) }) : t("{from} 起", { from: date(row.effective_from) }));

const present = (row) => ({
  id: row.id,
  name: row.name,
  note: t("{span} · {count} 个依据", { span: spanOf(row), count: row.sources.length }),
  href: `#/policies/${encodeURIComponent(row.id)}`,
});

/** The policies that count today, by the name of their area. */
function policiesPage() {
  return {
    ...listing("policies/", "found", present, ({ q }) => ({ q: q.trim(), on: today() })),
    q: "",
    clear() {
      this.q = "";
      return this.reload();
    },
    get total() {
      return t("今天有效的政策 {count} 份", { count: this.count });
    },
    get emptyText() {
      return t("没有名称含“{asked}”的政策：还没有人收录这个地方，所以这里算不出报多少。请询问参保地经办机构，或拨打 12393。", { asked: this.q.trim() });
    },
  };
}

const citation = (sources) => sources.map(({ id }) => id).join("、");

/** The last cell of a row is what the rule gives, those before it are when. */
const rowOf = (said) => ({ cells, mark, sources }, index) => ({
  key: index,
  when: said(cells.slice(0, -1).filter(Boolean).join(" · ")),
  gives: said(cells.at(-1)),
  mark,
  by: citation(sources),
});

const blockOf = (said) => (block, index) => ({
  key: index,
  text: block.text ? said(block.text) : null,
  by: citation(block.sources ?? []),
  title: block.title ?? "",
  rows: (block.rows ?? []).map(rowOf(said)),
  note: block.note ?? "",
});

/** `said`: marks what stayed Chinese in a text. */
const sectionOf = (said) => ({ key, title, blocks }) => ({ key, title: said(title), blocks: blocks.map(blockOf(said)) });

const citedOf = (source) => ({ ...sourceOf(source), grade: t("{grade} 级：{meaning}", { grade: source.grade, meaning: word("grade", source.grade) }) });

/** One policy in Chinese, a section opened at a time. */
function policyPage() {
  return {
    ...loads(async function () {
      this.policy = await api.get(`policies/${encodeURIComponent(Alpine.store("route").params.id)}/`);
    }),
    policy: null,
    get title() {
      const { title, originals } = this.policy.readable;
      return marks(originals)(title || this.policy.name);
    },
    get span() {
      return spanOf(this.policy);
    },
    get sections() {
      return this.policy.readable.sections.map(sectionOf(marks(this.policy.readable.originals)));
    },
    get sources() {
      return this.policy.sources.map(citedOf);
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

const presentNotice = (notice) => ({
  id: notice.id,
  text: notice.text,
  name: word("type", notice.type),
  version: t("第 {version} 版", { version: notice.version }),
  translation: translationOf(notice),
});

async function readNotices() {
  const { area } = Alpine.store("route").params;
  if (!area) return;
  const [{ name }, notices] = await Promise.all([api.get(`areas/${area}/`), api.get("notices/", { area })]);
  this.name = name;
  this.notices = rows(notices).map(presentNotice);
}

/** The notices of an area, one for each type of filing. */
function noticesPage() {
  return {
    ...loads(readNotices),
    name: "",
    notices: [],
    get placeName() {
      return this.name || t("请选择在哪里参保");
    },
    pickInsured,
  };
}

export const pages = { policiesPage, policyPage, noticesPage };
