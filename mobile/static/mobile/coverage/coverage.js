/** 查得到的待遇: before anyone trusts a figure, what is known of an area, from how good a source, and when it was checked. Open to everyone. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { omittedName } from "../lib/amounts.js";
import { api, rows } from "../lib/api.js";
import { go, loads } from "../lib/lazy-pages.js";
import { t } from "../lib/parts.js";
import "../lib/places.js";
import { choices, date, insuranceName, table, word } from "../lib/words.js";
import { persist } from "../lib/written.js";

const ROWS = 100;
const COVERAGE = "policies/coverage/";

/** Which insurance is looked at stays, from area to area, and when one signs in. */
const blank = () => ({ insurance: "employee" });
Alpine.store("coverage", { data: blank() });
persist("coverage", "coverage", blank, { begun: ({ insurance }) => insurance !== blank().insurance });

/** The dialog of areas; a page of its own shows the one that was chosen. */
async function pickArea() {
  const area = await Alpine.store("areas").open({ insured: true });
  if (area) go(`#/coverage/${area.code}`);
}

/** @returns {Promise<object[]>} a row of each area that has any, whatever it says */
async function readAreas() {
  const found = [];
  for (let page = 1, more = true; more; page++) {
    const answer = await api.get(COVERAGE, { insurance: "employee", care: "inpatient", travel: "local", page, page_size: ROWS });
    found.push(...rows(answer));
    more = Boolean(answer.next);
  }
  return found;
}

const checked = (row) => (row.checked_on ? t("{checked_on}核对", { checked_on: date(row.checked_on) }) : t("没有写何时核对过"));

/** Every area of which anything is known, to choose from. */
function coveragePage() {
  return {
    ...loads(async function () {
      this.areas = (await readAreas()).map((row) => ({ code: row.area, name: row.area_name, href: `#/coverage/${row.area}`, note: checked(row) }));
    }),
    areas: [],
    get count() {
      return t("有待遇标准的参保地（{length} 个）", { length: this.areas.length });
    },
    pickArea,
  };
}

const LOOKS = {
  all: { name: t("查得到"), toneClass: "tone-good" },
  none: { name: t("不报销"), toneClass: "tone-plain" },
  some: { name: t("部分查得到"), toneClass: "tone-warn" },
  unknown: { name: t("查不到"), toneClass: "tone-bad" },
};

/** What nobody should rely on is not shown in green. What is known in every case and paid in none has a reason too. */
function lookOf(row) {
  if (row.known && !row.reason) return row.grade === "D" ? { ...LOOKS.all, toneClass: "tone-warn" } : LOOKS.all;
  if (row.known) return LOOKS.none;
  return row.known_cases ? LOOKS.some : LOOKS.unknown;
}

const cellOf = (row) => ({
  care: row.care,
  careName: word("care", row.care),
  ...lookOf(row),
  grade: row.grade ? t("{grade} 级依据", { grade: row.grade }) : "",
});

/** @returns {{travel: string, name: string, cells: object[]}[]} each way of going with what is known of each kind of care */
const gridOf = (found) =>
  choices("travel").map(({ code, name }) => ({
    travel: code,
    name,
    cells: found.filter((row) => row.travel === code).map(cellOf),
  }));

const waysOf = (found) =>
  found.length === choices("travel").length ? t("各种情形") : found.map((row) => word("travel", row.travel)).join("、");

/** @returns {{key: string, title: string, text: string, only: string}[]} each reason once, with all it is the reason of */
function reasonsOf(found) {
  const same = new Map();
  for (const row of found.filter((each) => each.reason)) {
    const key = `${row.care} ${row.reason} ${row.known_for}`;
    same.set(key, [...(same.get(key) ?? []), row]);
  }
  return [...same].map(([key, [first, ...others]]) => ({
    key,
    title: t("{care}：{ways}", { care: word("care", first.care), ways: waysOf([first, ...others]) }),
    text: t("{reason}。", { reason: first.reason }),
    only: first.known_for.length ? t("查得到的是：{join}。", { join: first.known_for.join("；") }) : "",
  }));
}

/** @returns {string[]} what the figures leave out, each once */
const leftOutOf = (found) => [
  ...new Set(found.flatMap((row) => row.not_included.map((each) => t("{name}：{reason}。", { name: omittedName(each), reason: each.reason })))),
];

/** One area: for either insurance, each kind of care by each way of going. */
function coverageAreaPage() {
  return {
    ...loads(async function () {
      const { area } = Alpine.store("route").params;
      this.rows = rows(await api.get(COVERAGE, { area, page_size: ROWS }));
      this.name = this.rows[0]?.area_name ?? (await api.get(`areas/${area}/`)).name;
    }),
    name: "",
    rows: [],
    get looked() {
      return Alpine.store("coverage").data;
    },
    insurances: choices("insurance").map(({ code }) => ({ code, name: insuranceName(code) })),
    grades: Object.entries(table("grade")).map(([code, name]) => ({ code, name: t("{code} 级：{name}", { code, name }) })),
    get known() {
      return this.rows.length > 0;
    },
    get checked() {
      return checked(this.rows[0]);
    },
    get nothing() {
      return t("没有找到{name}的待遇政策，所以能不能报、报多少，这里都不知道。请询问参保地经办机构，或拨打 12393。", { name: this.name });
    },
    get shown() {
      return this.rows.filter((row) => row.insurance === this.looked.insurance);
    },
    get grid() {
      return gridOf(this.shown);
    },
    get reasons() {
      return reasonsOf(this.shown);
    },
    get leftOut() {
      return leftOutOf(this.shown);
    },
    pickArea,
  };
}

export const pages = { coveragePage, coverageAreaPage };
