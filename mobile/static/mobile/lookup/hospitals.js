/** 定点医院和药店: found by name, place, level and what they are open for; each with what it settles, where it is and how to call it. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import "../estimates/visit.js";
import { api, rows } from "../lib/api.js";
import { acts, go, loads } from "../lib/lazy-pages.js";
import { listing } from "../lib/listing.js";
import { t } from "../lib/parts.js";
import "../lib/places.js";
import { choices, word } from "../lib/words.js";

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
const KINDS = { hospital: t("医院"), pharmacy: t("药店") };
const CARES = [
  { code: "", name: t("不限") },
  { code: "inpatient", name: t("住院") },
  { code: "outpatient", name: t("普通门诊") },
  { code: "chronic", name: t("门诊慢特病") },
];
const SPECIALTIES = { tcm: t("中医"), ethnic: t("民族医"), mental: t("精神专科"), infectious: t("传染病") };

const classOf = (row) => (row.kind === "pharmacy" ? t("定点药店") : row.grade || word("level", row.level));

/** @returns {{name: string}[]} what is settled there on the spot */
const openOf = ({ open }) =>
  [open.inpatient && t("住院"), open.outpatient && t("门诊"), open.chronic.length && t("慢特病 {length} 种", { length: open.chronic.length })].filter(Boolean).map((name) => ({ name }));

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
  const list = listing("institutions/", "found", present, filtersOf);
  return {
    ...list,
    kinds: Object.entries(KINDS).map(([code, name]) => ({ code, name })),
    levels: [{ code: "", name: t("不限") }, ...choices("level").reverse()],
    diseases: [],
    get wanted() {
      return wanted;
    },
    get cares() {
      return CARES.filter(({ code }) => wanted.kind === "hospital" || code !== "inpatient");
    },
    get placeName() {
      return wanted.area?.name ?? t("全国");
    },
    get total() {
      return t("找到 {count}{capped} 家", { count: this.count, capped: this.capped ? "+" : "" });
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
      const name = this.diseases.find((each) => each.code === disease)?.name ?? t("门诊慢特病");
      const settles = { inpatient: t("住院"), outpatient: t("普通门诊"), chronic: name }[care];
      const asked = [
        this.placeName,
        kind === "hospital" && level !== "" && word("level", level),
        settles && t("已开通{settles}跨省直接结算", { settles }),
        q.trim() && t("名称含“{trim}”", { trim: q.trim() }),
      ].filter(Boolean);
      return t("没有找到{kind}：{join}。没有开通的，先自费，再回参保地手工报销。", { kind: KINDS[kind], join: asked.join("、") });
    },
  };
}

const MAP = "https://apis.map.qq.com/uri/v1/search";

/** The map knows the hospital by its name in its city; nothing of the person is in the address. */
const mapOf = ({ name, area_name: region }) => `${MAP}?${new URLSearchParams({ keyword: name, region, referer: "yidi" })}`;

/** @returns {{name: string, text: string, toneClass: string}} whether a kind of care is settled there on the spot */
const settles = (name, open) => ({ name, text: open ? t("可以直接结算") : t("没有开通，先自费再回参保地报销"), toneClass: open ? "tone-good" : "tone-plain", mark: open ? t("已开通") : t("未开通") });

const caresOf = ({ kind, open }) => [
  ...(kind === "hospital" ? [settles(t("住院"), open.inpatient)] : []),
  settles(t("普通门诊"), open.outpatient),
  settles(t("门诊慢特病"), open.chronic.length > 0),
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
        { name: t("所在地"), text: row.area_name },
        { name: t("类别"), text: [KINDS[row.kind], classOf(row), SPECIALTIES[row.specialty]].filter(Boolean).join(" · ") },
        { name: t("地址"), text: row.address || t("没有登记，请在地图中查找") },
        { name: t("机构编码"), text: row.code },
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
      return this.row.phone ? t("拨打 {phone}", { phone: this.row.phone }) : t("没有登记电话，拨打 12393");
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
