/** Choosing where care will be: search by name, pinyin or initials, or province first and then its city. */

import { api } from "./api.js";
import { sentence } from "./page.js";

const SEARCH_DELAY_MS = 250;
const PAGE_SIZE = 100;

/** @typedef {{code: string, name: string, level: string, parent: ?string, pools_at: string}} Area */

const asked = new Map();

/** @returns {Promise<Area[]>} asked once a page's life; areas do not change while someone files */
function list(params) {
  const call = JSON.stringify(params);
  if (!asked.has(call)) {
    const answer = api.get("areas/", { ...params, page_size: PAGE_SIZE }).then((page) => page.results);
    answer.catch(() => asked.delete(call));
    asked.set(call, answer);
  }
  return asked.get(call);
}

export const areasStore = {
  search: "",
  province: null,
  found: [],
  problem: "",
  loading: false,
  timer: 0,
  resolve: () => {},

  /** @returns {Promise<?Area>} null when closed without a choice */
  open() {
    Object.assign(this, { search: "", province: null, found: [] });
    const dialog = document.getElementById("areas");
    dialog.showModal();
    this.read();
    return new Promise((resolve) => (this.resolve = resolve));
  },
  closed() {
    this.resolve(null);
  },
  close() {
    document.getElementById("areas").close();
  },
  typed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.read(), SEARCH_DELAY_MS);
  },

  get hint() {
    if (this.search.trim()) return "搜索结果";
    if (this.province) return `${this.province.name}按城市备案，请选择城市`;
    return "请选择省、自治区或直辖市";
  },
  async read() {
    const q = this.search.trim();
    Object.assign(this, { loading: true, problem: "" });
    try {
      const found = await list(q ? { q } : this.province ? { parent: this.province.code } : { level: "province" });
      if (q === this.search.trim()) this.found = found;
    } catch (error) {
      this.problem = sentence(error);
    } finally {
      this.loading = false;
    }
  },

  /** A province that does not pool as a whole is opened; a city, or a province that does, is the answer. */
  choose(area) {
    if (opens(area)) {
      Object.assign(this, { province: area, search: "" });
      return this.read();
    }
    this.resolve(area);
    this.close();
  },
  opens: (area) => opens(area),
  note(area) {
    if (area.level !== "province") return "";
    return opens(area) ? "按城市备案" : "全省（市）统筹，备案到这一级即可";
  },
  back() {
    this.province = null;
    return this.read();
  },
};

/** @param {Area} area */
const opens = (area) => area.level === "province" && area.pools_at === "city";
