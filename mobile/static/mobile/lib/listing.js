/** A list with "load more": what is typed and chosen asks anew, and the last question alone is answered. */

import { api, rows } from "./api.js";
import { acts, loads } from "./lazy-pages.js";

const ROWS = 20;
const PAUSE_MS = 300;
/** A question that was overtaken, or never asked, is answered by nothing. */
const NEVER = new Promise(() => {});

/**
 * @param {string} path  @param {string} field where the rows go  @param {(row: any) => object} present
 * @param {(page: any) => ?object} [question] the filters, read from the page; null while there is nothing to ask yet
 * @returns {object} methods and fields only: getters do not survive a spread
 */
export function listing(path, field, present, question = () => ({})) {
  return {
    ...loads(async function () {
      clearTimeout(this.timer);
      const turn = ++this.turn;
      const asked = question(this);
      Object.assign(this, { [field]: [], count: 0, page: 0, more: false });
      if (!asked) return this.wait();
      const answer = await api.get(path, { ...asked, page: 1, page_size: ROWS }).catch((error) => (turn === this.turn ? Promise.reject(error) : null));
      return turn === this.turn ? this.take(answer) : NEVER;
    }),
    ...acts(),
    [field]: [],
    count: 0,
    capped: false,
    page: 0,
    more: false,
    turn: 0,
    timer: 0,
    /** The list waits until somebody has stopped typing. */
    typed() {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.reload(), PAUSE_MS);
    },
    wait() {
      this.state = "unasked";
      return NEVER;
    },
    take(answer) {
      this.page += 1;
      this[field] = [...this[field], ...rows(answer).map(present)];
      Object.assign(this, { count: answer.count, capped: Boolean(answer.count_capped), more: Boolean(answer.next) });
    },
    loadMore() {
      const { turn } = this;
      return this.act(async () => {
        const answer = await api.get(path, { ...question(this), page: this.page + 1, page_size: ROWS });
        if (turn === this.turn) this.take(answer);
      });
    },
  };
}
