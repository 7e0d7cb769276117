/**
 * Forms of which the server has nothing until they are sent (binding somebody, the first page of an agent, a change, lifting a lock): what is
 * written stays on this phone, encrypted, until it is sent, emptied on purpose, seven days old, or somebody signs out.
 */

import { lasting } from "./api.js";
import { stillThere } from "./documents.js";
import { ask } from "./lazy-pages.js";
import { t } from "./parts.js";
import { drop, entriesOf, read, write } from "./written.js";

/** As long as the server keeps an upload that nothing uses. */
const LASTS_MS = 7 * 86400000;

const UNSENT = "unsent ";

/** @returns {Promise<?object>} what was written, if it still counts */
async function found(form) {
  const { at, contents } = (await read(form)) ?? {};
  if (Date.now() - at < LASTS_MS) return contents;
  if (at) drop(form);
  return null;
}

/** @returns {Promise<boolean>} whether something was written that was not sent */
export const hasUnsent = async () => (await entriesOf(UNSENT)).length > 0;

const textOf = (contents) => JSON.stringify(contents, lasting);

/**
 * Methods for such a form. The page has `contents` (what is written, as the page's own fields), calls `recall` when these are as a blank form
 * has them, and `sent` when the server has it; `parts/unsent.html` says that something was found.
 * @param {(page: object) => string} name which form it is, and of what
 */
export function keepsUnsent(name) {
  return {
    recalled: false,
    _form: "",
    _blank: "",
    /** What was written before is there again. */
    async recall() {
      this._form = UNSENT + name(this);
      this._blank = textOf(this.contents);
      const before = await found(this._form);
      if (before?.files) before.files = await stillThere(before.files);
      if (before && textOf(this.contents) === this._blank) {
        Object.assign(this, before);
        this.recalled = true;
      }
      this.$watch("contents", () => this.keepUnsent());
    },
    keepUnsent() {
      if (!this._form) return;
      const text = textOf(this.contents);
      if (text === this._blank) drop(this._form);
      else write(this._form, { at: Date.now(), contents: this.contents });
    },
    /** The server has it, or knows it to be over. */
    sent() {
      drop(this._form);
      this._form = "";
    },
    async beginAnew() {
      if (!(await ask({ title: t("清空已填写的内容？"), text: t("这一页填写的内容和选好的文件将不再保留。"), ok: t("清空"), danger: true }))) return;
      Object.assign(this, JSON.parse(this._blank), { recalled: false, errors: {}, alert: "" });
      drop(this._form);
      document.getElementById("page-title").focus();
    },
  };
}
