/** 定点医院和药店: found by name, place, level and what they are open for; each with what it settles, where it is and how to call it. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import "../estimates/visit.js";
import { api, rows } from "../lib/api.js";
import { acts, go, loads } from "../lib/lazy-pages.js";
import "../lib/places.js";
import { choices, word } from "../lib/words.js";
import { finds } from "./finding.js";

const blank = () => ({ q: "", area: null, kind: "hospital", level: "", care: "", disease: "" });

/** What is looked for; it stays while one looks at a hospital and comes back. */
const wantedStore = {
  ...blank(),
  /** Another page asks for exactly this. */
  only(filters) {
    Object.assign(this, blank(), filters);
  },
};

Alpine.store("wanted", wantedStore);
export const wanted = Alpine.store("wanted");

const DISEASES = 100;
const KINDS = { hospital: "医院", pharmacy: "药店" };
const CARES = [
  { code: "", name: "不限" },
  { code: "inpatient", name: "住院" },
  { code: "outpatient", name: "普通门诊" },
  { code: "chronic", name: "门诊慢特病" },
];
const SPECIALTIES = { tcm: "中医", ethnic: "民族医", mental: "精神专科", infectious: "传染病" };

const classOf = (row) => (row.kind === "pharmacy" ? "定点药店" : row.grade || word("level", row.level));

/** @returns {{name: string}[]} what is settled there on the spot */
const openOf = ({ open }) =>
  [open.inpatient && "住院", open.outpatient && "门诊", open.chronic.length && `慢特病 ${open.chronic.length} 种`].filter(Boolean).map((name) => ({ name }));

const present = (row) => ({
  ...row,
  href: `#/hospitals/${row.code}`,
  note: [row.area_name, classOf(row)].filter(Boolean).join(" · "),
  open: openOf(row),
});

/** Only hospitals have levels and beds. */
const filtersOf = ({ wanted: { q, area, kind, level, care, disease } }) => ({
  q: q.trim(),
  area: area?.code,
  kind,
  level: kind === "hospital" ? level : "",
  care,
  disease: care === "chronic" ? disease : "",
});

function hospitalsPage() {
  const list = finds("institutions/", present, filtersOf);
  return {
    ...list,
    kinds: Object.entries(KINDS).map(([code, name]) => ({ code, name })),
    levels: [{ code: "", name: "不限" }, ...choices("level").reverse()],
    diseases: [],
    get wanted() {
      return wanted;
    },
    get cares() {
      return CARES.filter(({ code }) => wanted.kind === "hospital" || code !== "inpatient");
    },
    get placeName() {
      return wanted.area?.name ?? "全国";
    },
    get total() {
      return `找到 ${this.count}${this.capped ? "+" : ""} 家`;
    },
    async init() {
      await Promise.all([this.reload(), this.readDiseases()]);
    },
    /** Without their names one looks for any of them. */
    async readDiseases() {
      this.diseases = rows(await api.get("diseases/", { page_size: DISEASES }).catch(() => []));
    },
    set(filter, value) {
      wanted[filter] = value;
      if (wanted.kind === "pharmacy" && wanted.care === "inpatient") wanted.care = "";
      return this.reload();
    },
    async pickArea() {
      const area = await Alpine.store("areas").open();
      if (area) await this.set("area", { code: area.code, name: area.name });
    },
    anywhere() {
      return this.set("area", null);
    },
    clear() {
      wanted.only({ kind: wanted.kind });
      return this.reload();
    },
    /** What was asked for, so that nobody wonders why nothing is there. */
    get emptyText() {
      const { q, level, care, disease, kind } = wanted;
      const name = this.diseases.find((each) => each.code === disease)?.name ?? "门诊慢特病";
      const settles = { inpatient: "住院", outpatient: "普通门诊", chronic: name }[care];
      const asked = [
        this.placeName,
        kind === "hospital" && level !== "" && word("level", level),
        settles && `已开通${settles}跨省直接结算`,
        q.trim() && `名称含“${q.trim()}”`,
      ].filter(Boolean);
      return `没有找到${KINDS[kind]}：${asked.join("、")}。没有开通的，先自费，再回参保地手工报销。`;
    },
  };
}

const MAP = "https://apis.map.qq.com/uri/v1/search";

/** The map knows the hospital by its name in its city; nothing of the person is in the address. */
const mapOf = ({ name, area_name: region }) => `${MAP}?${new URLSearchParams({ keyword: name, region, referer: "yidi" })}`;

/** @returns {{name: string, text: string, toneClass: string}} whether a kind of care is settled there on the spot */
const settles = (name, open) => ({ name, text: open ? "可以直接结算" : "没有开通，先自费再回参保地报销", toneClass: open ? "tone-good" : "tone-plain", mark: open ? "已开通" : "未开通" });

const caresOf = ({ kind, open }) => [
  ...(kind === "hospital" ? [settles("住院", open.inpatient)] : []),
  settles("普通门诊", open.outpatient),
  settles("门诊慢特病", open.chronic.length > 0),
];

async function readHospital() {
  const { code } = Alpine.store("route").params;
  const [row, diseases] = await Promise.all([api.get(`institutions/${code}/`), api.get("diseases/", { page_size: DISEASES })]);
  this.row = row;
  this.diseases = rows(diseases).filter((each) => row.open.chronic.includes(each.code));
}

/** One hospital, and the two questions one asks of it. */
function hospitalPage() {
  return {
    ...loads(readHospital),
    ...acts(),
    row: null,
    diseases: [],
    get facts() {
      const { row } = this;
      return [
        { name: "所在地", text: row.area_name },
        { name: "类别", text: [KINDS[row.kind], classOf(row), SPECIALTIES[row.specialty]].filter(Boolean).join(" · ") },
        { name: "地址", text: row.address || "没有登记，请在地图中查找" },
        { name: "机构编码", text: row.code },
      ];
    },
    get cares() {
      return caresOf(this.row);
    },
    get mapHref() {
      return mapOf(this.row);
    },
    get callHref() {
      return this.row.phone ? `tel:${this.row.phone}` : "tel:12393";
    },
    get callName() {
      return this.row.phone ? `拨打 ${this.row.phone}` : "没有登记电话，拨打 12393";
    },
    ask(page) {
      return this.act(async () => {
        const { code, name, area } = this.row;
        const place = await api.get(`areas/${area}/`);
        Alpine.store("visit").planAt({ code, name }, { code: place.pooling_area ?? place.code, name: place.pooling_area_name ?? place.name });
        go(page);
      });
    },
  };
}

export const pages = { hospitalsPage, hospitalPage };
