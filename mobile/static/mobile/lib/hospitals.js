/** Choosing a hospital of the place of care, by name, pinyin or initials. */

import { api } from "./api.js";
import { sentence } from "./page.js";

const SEARCH_DELAY_MS = 250;
const PAGE_SIZE = 50;

export const hospitalsStore = {
  within: {},
  search: "",
  found: [],
  problem: "",
  loading: false,
  timer: 0,
  resolve: () => {},

  /**
   * @param {string} area  @param {{care?: string, disease?: string}} [open] what they must be open for
   * @returns {Promise<?{code: string, name: string}>} null when closed without a choice
   */
  open(area, { care = "", disease = "" } = {}) {
    Object.assign(this, { within: { area, care, disease }, search: "", found: [] });
    document.getElementById("hospitals").showModal();
    this.read();
    return new Promise((resolve) => (this.resolve = resolve));
  },
  closed() {
    this.resolve(null);
  },
  close() {
    document.getElementById("hospitals").close();
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
      const { results } = await api.get("institutions/", { ...this.within, q, page_size: PAGE_SIZE });
      if (q === this.search.trim()) this.found = results;
    } catch (error) {
      this.problem = sentence(error);
    } finally {
      this.loading = false;
    }
  },
  choose(hospital) {
    this.resolve(hospital);
    this.close();
  },
};
