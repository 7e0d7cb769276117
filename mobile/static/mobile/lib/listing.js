/** A list with "load more", in 长辈版 with pages to turn: what is typed and chosen asks anew, and the last question alone is answered. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api, rows } from "./api.js";
import { acts, loads } from "./lazy-pages.js";
import { t } from "./parts.js";

const ROWS = 20;
const FEW = 4;
const PAUSE_MS = 300;
/** A question that was overtaken, or never asked, is answered by nothing. */
const NEVER = new Promise(() => {});

/** In 长辈版 a few rows are a page. */
const turned = () => Alpine.store("elder").on;

/** The page somebody left by opening a row of it, for the way back: it counts for the same question, once. */
let left = { asked: "", page: 1 };

function pageLeft(asked) {
  const page = left.asked === asked ? left.page : 1;
  left = { asked: "", page: 1 };
  return page;
}

/**
 * @param {string} path  @param {string} field where the rows go  @param {(row: any) => object} present
 * @param {(page: any) => ?object} [question] the filters, read from the page; null while there is nothing to ask yet
 * @returns {object} methods and fields only: getters do not survive a spread
 */
export function listing(path, field, present, question = () => ({})) {
  const key = (asked) => `${path}${JSON.stringify(asked)}`;
  const read = (asked, page) => api.get(path, { ...asked, page, page_size: turned() ? FEW : ROWS });
  return {
    ...loads(async function () {
      clearTimeout(this.timer);
      const turn = ++this.turn;
      const asked = question(this);
      Object.assign(this, { [field]: [], count: 0, page: 0, more: false });
      if (!asked) return this.wait();
      const page = pageLeft(key(asked));
      const answer = await read(asked, page).catch((error) => (turn === this.turn ? Promise.reject(error) : null));
      return turn === this.turn ? this.take(answer, page) : NEVER;
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
    take(answer, page) {
      this[field] = [...(turned() ? [] : this[field]), ...rows(answer).map(present)];
      Object.assign(this, { page, count: answer.count, capped: Boolean(answer.count_capped), more: Boolean(answer.next) });
    },
    turnTo(page) {
      const { turn } = this;
      return this.act(async () => {
        const answer = await read(question(this), page);
        if (turn === this.turn) this.take(answer, page);
      });
    },
    loadMore() {
      return this.turnTo(this.page + 1);
    },
    /** In 长辈版: another page is told from its top, by a screen reader too. */
    async leaf(by) {
      if (!(await this.turnTo(this.page + by))) return;
      window.scrollTo(0, 0);
      document.querySelector("[data-list-page]")?.focus({ preventScroll: true });
    },
    pageText() {
      const before = (this.page - 1) * FEW;
      return t("第 {from} 到 {to} 条，共 {count} 条", { from: before + 1, to: before + this[field].length, count: this.count });
    },
    destroy() {
      if (turned() && this[field].some(({ href }) => href === location.hash)) left = { asked: key(question(this)), page: this.page };
    },
  };
}
