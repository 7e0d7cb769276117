/** Lists come in pages; some endpoints answer all at once. */

import { api } from "./api.js";
import { acts, loads } from "./page.js";

/** @returns {any[]} */
export const rows = (answer) => answer.results ?? answer;

const PAGE_SIZE = 20;

/**
 * A list with "load more".
 * @param {string} path  @param {string} field where the rows go  @param {(row: any) => any} present
 * @param {(page: any) => object} [params] the filters, read from the page
 */
export function listing(path, field, present, params = () => ({})) {
  return {
    ...loads(async function () {
      this.page = 0;
      this[field] = [];
      await this.readPage();
    }),
    ...acts(),
    [field]: [],
    page: 0,
    more: false,
    async readPage() {
      const answer = await api.get(path, { ...params(this), page: this.page + 1, page_size: PAGE_SIZE });
      this.page += 1;
      this.more = Boolean(answer.next);
      this[field] = [...this[field], ...rows(answer).map(present)];
    },
    loadMore() {
      return this.act(() => this.readPage());
    },
  };
}
