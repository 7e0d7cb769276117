/** Choosing an area, where care will be or where one is insured (search by name, pinyin or initials, or province first and then its city), and a hospital. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api, store, stored } from "./api.js";
import { sentence, showSheet } from "./lazy-pages.js";
import { t } from "./parts.js";

const SEARCH_DELAY_MS = 250;
const AREAS = 100;
const HOSPITALS = 50;

/** @typedef {{code: string, name: string, level: string, parent: ?string, pools_at: string, within: string[], pooling_area: ?string}} Area */

const asked = new Map();

/** @returns {Promise<Area[]>} asked once a page's life; areas do not change while someone files */
function list(params) {
  const call = JSON.stringify(params);
  if (!asked.has(call)) {
    const answer = api.get("areas/", { ...params, page_size: AREAS }).then((page) => page.results);
    answer.catch(() => asked.delete(call));
    asked.set(call, answer);
  }
  return asked.get(call);
}

const FREQUENT = 6;

/** @returns {Area[]} where this account's people went before, the last choice first */
const frequent = () => stored("places").chosen ?? [];

/** @param {Area} area */
function remember(area) {
  const before = frequent().filter(({ code }) => code !== area.code);
  store("places", { chosen: [area, ...before].slice(0, FREQUENT) });
}

/** Both dialogs come with the pages that ask for them, as a template. */
function dialog(id) {
  if (!document.getElementById(id)) document.body.append(document.getElementById("places").content.cloneNode(true));
  return document.getElementById(id);
}

const areasStore = {
  insured: false,
  search: "",
  province: null,
  found: [],
  problem: "",
  loading: false,
  timer: 0,
  chosen: null,
  frequent: [],

  get title() {
    return this.insured ? t("选择参保地") : t("选择就医地");
  },
  /** @param {{insured?: boolean}} [options] where one is insured, instead of where care will be  @returns {Promise<?Area>} null when closed without a choice */
  open({ insured = false } = {}) {
    Object.assign(this, { insured, search: "", province: null, found: [], chosen: null, frequent: insured ? [] : frequent() });
    this.read();
    return showSheet(dialog("areas")).then(() => this.chosen);
  },
  close() {
    dialog("areas").close();
  },
  /** The old list can no longer be chosen from while the new one is on its way. */
  typed() {
    clearTimeout(this.timer);
    this.loading = true;
    this.timer = setTimeout(() => this.read(), SEARCH_DELAY_MS);
  },

  /** @returns {string} above the list */
  get hint() {
    if (this.search.trim()) return t("搜索结果");
    if (this.province) return t("{name}{insured}，请选择城市", { name: this.province.name, insured: this.insured ? t("按城市统筹") : t("按城市备案") });
    return t("请选择省、自治区或直辖市");
  },
  async read() {
    const q = this.search.trim();
    Object.assign(this, { loading: true, problem: "" });
    try {
      const found = await list(q ? { q } : this.province ? { parent: this.province.code } : { level: "province" });
      if (q === this.search.trim()) this.found = found.filter(this.insured ? isInsuring : isPlace);
    } catch (error) {
      this.problem = sentence(error);
    } finally {
      this.loading = false;
    }
  },

  /** A province that does not pool as a whole is opened; a county, or a city of a province that does, stands for its pooling area. */
  async choose(area) {
    if (opens(area)) {
      Object.assign(this, { province: area, search: "" });
      return this.read();
    }
    try {
      this.chosen = pooled(area) ? area : await api.get(`areas/${area.pooling_area}/`);
      if (!this.insured) remember(this.chosen);
      return this.close();
    } catch (error) {
      this.problem = sentence(error);
      return null;
    }
  },
  /** Places chosen before stand above the provinces. */
  get again() {
    return this.search.trim() || this.province ? [] : this.frequent;
  },
  opens: (area) => opens(area),
  /** Where it lies, as many counties have the same name, and what that means for filing. */
  note(area) {
    return [this.search.trim() ? area.within.join(" ") : "", this.rule(area)].filter(Boolean).join(" · ");
  },
  rule(area) {
    if (opens(area)) return this.insured ? t("按城市统筹") : t("按城市备案");
    if (area.level === "county") return this.insured ? t("参保地为{pooling_area_name}", { pooling_area_name: area.pooling_area_name }) : t("备案到{pooling_area_name}", { pooling_area_name: area.pooling_area_name });
    if (this.insured) return "";
    if (area.level === "province") return t("全省（市）统筹，备案到这一级即可");
    return area.pools_at === "province" ? t("属于全省统筹，将备案到省级") : "";
  },
  back() {
    this.province = null;
    return this.read();
  },
};

/** Hong Kong, Macao and Taiwan are outside this insurance. */
const isInsuring = (area) => area.pools_at !== "none";

/** 省本级 is a pool of people, not a place of care. */
const isPlace = (area) => area.level !== "pool" && isInsuring(area);

/** @param {Area} area  @returns {Promise<Area>} the province it lies in; itself, for a province */
export async function provinceOf(area) {
  if (area.level === "province") return area;
  return (await list({ level: "province" })).find((province) => province.code === area.parent) ?? area;
}

/** @param {Area} area whether one files to it as it is */
const pooled = (area) => area.pooling_area === area.code;

/** @param {Area} area */
const opens = (area) => area.level === "province" && area.pools_at === "city";

/** Choosing a hospital of the place of care, by name, pinyin or initials. */
const hospitalsStore = {
  within: {},
  search: "",
  found: [],
  problem: "",
  loading: false,
  timer: 0,
  chosen: null,

  /**
   * @param {string} area  @param {{care?: string, disease?: string}} [open] what they must be open for
   * @returns {Promise<?{code: string, name: string}>} null when closed without a choice
   */
  open(area, { care = "", disease = "" } = {}) {
    Object.assign(this, { within: { area, care, disease }, search: "", found: [], chosen: null });
    this.read();
    return showSheet(dialog("hospitals")).then(() => this.chosen);
  },
  close() {
    dialog("hospitals").close();
  },
  typed() {
    clearTimeout(this.timer);
    this.loading = true;
    this.timer = setTimeout(() => this.read(), SEARCH_DELAY_MS);
  },
  async read() {
    const q = this.search.trim();
    Object.assign(this, { loading: true, problem: "" });
    try {
      const { results } = await api.get("institutions/", { ...this.within, q, page_size: HOSPITALS });
      if (q === this.search.trim()) this.found = results;
    } catch (error) {
      this.problem = sentence(error);
    } finally {
      this.loading = false;
    }
  },
  choose(hospital) {
    this.chosen = hospital;
    this.close();
  },
};

Alpine.store("areas", areasStore);
Alpine.store("hospitals", hospitalsStore);
