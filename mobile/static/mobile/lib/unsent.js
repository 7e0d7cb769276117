/**
 * Forms of which the server has nothing until they are sent (binding somebody, the first page of an agent, a change, lifting a lock): what is
 * written stays on this phone, encrypted, until it is sent, emptied on purpose, seven days old, or somebody signs out.
 */

import { hasWriting, lasting, noteWriting, writtenDatabase } from "./api.js";
import { stillThere } from "./documents.js";
import { ask } from "./lazy-pages.js";
import { t } from "./parts.js";
import { canSeal, dropSealed, owner, seal, sealedIn, unseal } from "./sealing.js";

/** As long as the server keeps an upload that nothing uses. */
const LASTS_MS = 7 * 86400000;

/** What this page load wrote, by its form: found at once, and, where nothing can be sealed (no HTTPS), kept as long as the pages stay open. */
const atHand = new Map();

/** @returns {boolean} whether there is a database to look into */
const isKept = () => canSeal() && hasWriting();

/** One after the other, so that the last word counts. */
let running = Promise.resolve();
const inTurn = (work) => (running = running.then(work).catch(() => {}));

function write(form, text) {
  atHand.set(form, text);
  const account = owner();
  if (!account || !canSeal()) return;
  noteWriting();
  inTurn(() => atHand.get(form) === text && seal(writtenDatabase(), form, text, () => owner() === account && hasWriting()));
}

function drop(form) {
  atHand.delete(form);
  inTurn(() => isKept() && dropSealed(writtenDatabase(), form));
}

/** @returns {Promise<?object>} what was written, if it still counts */
async function read(form) {
  await running;
  const text = atHand.get(form) ?? (isKept() ? await unseal(writtenDatabase(), form).catch(() => null) : null);
  const found = text && JSON.parse(text);
  if (!found || Date.now() - found.at < LASTS_MS) return found?.contents ?? null;
  drop(form);
  return null;
}

/** @returns {Promise<boolean>} whether something was written that was not sent */
export async function hasUnsent() {
  await running;
  if (atHand.size || !isKept()) return atHand.size > 0;
  return (await sealedIn(writtenDatabase()).catch(() => [])).length > 0;
}

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
      this._form = name(this);
      this._blank = textOf(this.contents);
      const found = await read(this._form);
      if (found?.files) found.files = await stillThere(found.files);
      if (found && textOf(this.contents) === this._blank) {
        Object.assign(this, found);
        this.recalled = true;
      }
      this.$watch("contents", () => this.keepUnsent());
    },
    keepUnsent() {
      if (!this._form) return;
      const text = textOf(this.contents);
      if (text === this._blank) drop(this._form);
      else write(this._form, JSON.stringify({ at: Date.now(), contents: JSON.parse(text) }));
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
