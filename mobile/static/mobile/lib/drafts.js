/** What somebody writes: a copy on this phone until the server has it, saved there as one types, and over in every tab once it was handed in or thrown away. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api, rows } from "./api.js";
import { ask, toast } from "./lazy-pages.js";
import { t } from "./parts.js";
import { date, dayTime } from "./words.js";
import { drop, read, readAll, write } from "./written.js";

/** Copies on this phone, by their kind and key. Signing out takes them all. */
const COPY = "copy ";
const entryOf = (name, key) => `${COPY}${name} ${key}`;
const keyOf = (entry) => entry.split(" ").at(-1);

export const copies = {
  read: (name, key) => read(entryOf(name, key)),
  write: (name, key, data) => write(entryOf(name, key), data),
  drop: (name, key) => drop(entryOf(name, key)),
  /** @returns {Promise<object[]>} all that this account has on this phone under a name */
  all: async (name) => (await readAll(entryOf(name, ""))).map(({ data }) => data),
};

/**
 * Methods for a form whose copy stays on this phone as long as the server has not all of it. The page has `record`, `copyKey`
 * and `contents` (what is written, as the page's own fields).
 * @param {string} name
 */
export function keepsCopy(name) {
  return {
    _copyAt: "",
    /** What was returned for correction takes new documents only when it is handed in. */
    keep(unsaved) {
      if (this._copyAt) copies.drop(name, this._copyAt);
      this._copyAt = this.copyKey;
      const needed = unsaved || this.record?.status === "returned";
      if (needed) copies.write(name, this._copyAt, { version: this.record?.version ?? 0, contents: this.contents });
    },
    /** @returns {Promise<boolean>} whether this phone had more of it, as the server has it now */
    async restore() {
      this._copyAt = this.copyKey;
      const copy = await copies.read(name, this.copyKey);
      if (!copy) return false;
      const { files, ...contents } = copy.contents;
      Object.assign(this, contents, { files: files.filter((file) => file.id) });
      this.compare(copy.version);
      return true;
    },
    dropCopy() {
      if (this._copyAt) copies.drop(name, this._copyAt);
    },
  };
}

/** No copy of it stays on this phone, whichever tab wrote it. */
async function dropCopiesOf(id) {
  for (const { entry, held, data } of await written()) if (held.id(data, entry) === id) drop(entry);
}

/** Tell the other tabs (app.js does): their pages hear `draft-over` with the id. @param {string} id of what was handed in or thrown away */
export function tellOver(id) {
  dropCopiesOf(id);
  window.dispatchEvent(new CustomEvent("draft-told", { detail: id }));
}

/** Saves that are under way, also of a page that was left. */
let running = Promise.resolve();

/** By the name of its copies: whether the server lacks some of one, and which submission it is. */
const HELD = {
  filing: { lacks: ({ unsaved, destination, filing }) => unsaved || Boolean(destination && !filing), id: ({ filing }) => filing?.id },
  chronic: { lacks: () => true, id: (_data, entry) => keyOf(entry) },
  claim: { lacks: () => true, id: (_data, entry) => keyOf(entry) },
  proof: { lacks: () => true, id: () => null },
};

/** @returns {Promise<{entry: string, held: object, data: object}[]>} all copies of this account */
const written = async () => (await readAll(COPY)).map((found) => ({ ...found, held: HELD[found.entry.split(" ")[1]] }));

/** @returns {Promise<boolean>} whether this phone has, when every save has ended, something that the server has not */
export async function hasUnsaved() {
  await running;
  return (await written()).some(({ held, data }) => held.lacks(data));
}

const OPEN = new Set(["draft", "returned"]);

/** @returns {boolean} whether it can still be written */
export const isOpen = (record) => OPEN.has(record.status);

const PAGES = { filing: "records", recognition: "chronic", claim: "claims" };
const PATHS = { filing: "filings", recognition: "recognitions", claim: "claims", proof: "proofs" };

/** @returns {object} a draft of the list as the pages show it */
function present(row) {
  return {
    ...row,
    key: row.id,
    title: row.summary,
    who: t("{person_name} · {insured_area_name}参保", { person_name: row.person_name, insured_area_name: row.insured_area_name }),
    text: t("{saved_at} 保存{predecessor}；保留到 {kept_until}", { saved_at: dayTime(row.saved_at), predecessor: row.predecessor ? t("，变更或续期") : "", kept_until: date(row.kept_until) }),
    href: `#/${PAGES[row.kind]}/${row.id}/edit`,
  };
}

/** @param {string} kind  @returns {Promise<object[]>} what the server keeps, the last saved first */
export const readDrafts = async (kind) => rows(await api.get("drafts/", { kind, page_size: 100 })).map(present);

/** Throw a draft of the server away, if that is really wanted. @returns {Promise<boolean>} */
export async function discardDraft({ id, kind, version, title }) {
  const text = t("{title}：已填写的内容和选好的文件将不再保留。", { title });
  if (!(await ask({ title: t("放弃这份草稿？"), text, ok: t("放弃"), danger: true }))) return false;
  await api.post(`${PATHS[kind]}/${id}/withdraw/`, {}, { version });
  tellOver(id);
  return true;
}

/** @returns {object} the fields without those that an answer calls wrong */
function without(fields, { errors }) {
  const wrong = new Set(errors.map(({ attr }) => attr?.split(".")[0]));
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !wrong.has(name)));
}

const PAUSE_MS = 2000;
const GONE = 404;
const STALE = 412;

/** Somebody else wrote, handed in or threw away what is being written here. */
const isOvertaken = ({ status, code }) => status === GONE || status === STALE || code === "wrong_state";

/**
 * Methods for a form that is saved as one types. The page has
 * `path` of its kind, `record` (what the server has, or null), `written` (as text, what is written), `savable` (whether the
 * server would take it), `body(quiet)` (the fields, the quiet ones without what a later look may take back),
 * `create(fields)`, `keep(unsaved)` (its copy on this phone) and `reopen(record)` (show what the server has).
 */
export function autosaves() {
  return {
    savedText: "",
    rival: null,
    left: false,
    _gone: false,
    _watching: false,
    _first: null,
    _timer: 0,
    _queue: Promise.resolve(),
    _stored: "",
    /** @param {boolean} [more] what was found on this phone is more than the server has */
    startSaving(more = false) {
      this._stored = more ? "" : this.written;
      if (!this._watching) this.$watch("written", () => this.typed());
      this._watching = true;
      if (more) this.typed();
    },
    /** What was typed last is saved all the same; the page that is open by then is not touched. */
    destroy() {
      this._gone = true;
      if (this._timer) this.saveQuietly();
    },
    /** What was found on this phone was written on this version; where the server has another by now, somebody says which counts. */
    compare(version) {
      if (!this.record || this.record.version === version) return;
      this.rival = this.record;
      this.record = { ...this.record, version };
    },
    typed() {
      if (this.left || this.written === this._stored) return;
      this.keep(true);
      clearTimeout(this._timer);
      this._timer = setTimeout(() => this.saveQuietly(), PAUSE_MS);
    },
    /** One after the other: what is typed meanwhile is saved by the next. */
    inTurn(work) {
      clearTimeout(this._timer);
      this._timer = 0;
      const done = this._queue.then(work);
      this._queue = done.catch(() => {});
      running = Promise.all([running, this._queue]);
      return done;
    },
    /** Save all of it, so that what is wrong stands beside its field. */
    save() {
      return this.inTurn(() => this.put(this.body(false)));
    },
    async put(fields) {
      const text = this.written;
      try {
        const answer = await this.store(fields);
        this.record = { ...answer, decision: answer.decision ?? this.record?.decision ?? null };
      } catch (error) {
        if (isOvertaken(error) && this.record) await this.overtaken();
        throw error;
      }
      this._stored = text;
      this.keep(false);
    },
    /** What was sent first and never answered is sent again as it was: the server may have it, and makes no second one. */
    async store(fields) {
      if (!this.record) {
        this._first ??= fields;
        const first = Alpine.raw(this._first);
        const made = await this.create(first).catch((error) => this.unmade(error));
        this._first = null;
        if (first === fields) return made;
        this.record = made;
      }
      const { id, version } = this.record;
      return api.patch(`${this.path}/${id}/`, fields, { version });
    },
    unmade(error) {
      if (error.status && error.status < 500) this._first = null;
      throw error;
    },
    async saveQuietly() {
      this._timer = 0;
      if (!this.savable || this.rival || this.left) return;
      this.savedText = t("正在保存…");
      try {
        await this.inTurn(() => this.putQuietly());
        this.savedText = t("已自动保存，{now}", { now: dayTime(Alpine.store("clock").now) });
      } catch (error) {
        this.savedText = error.status ? t("还没有保存：{message}", { message: error.message }) : t("没有网络，内容先存在本机");
        if (this.rival) this.savedText = "";
      }
    },
    /** What is half typed may be wrong yet: the rest is saved, and all of it stays on this phone. */
    async putQuietly() {
      if (this.left || this.written === this._stored) return;
      const fields = this.body(true);
      try {
        await this.put(fields);
      } catch (error) {
        const rest = error.status === 400 ? without(fields, error) : fields;
        if (Object.keys(rest).length === Object.keys(fields).length) throw error;
        const text = this.written;
        await this.put(rest);
        this._stored = "";
        if (text === this.written) this.keep(true);
      }
    },
    /** Handing it in was refused: perhaps somebody else did it. */
    async refused(error) {
      if (isOvertaken(error)) await this.overtaken();
      throw error;
    },
    /** Is it still open, and what does it say now? */
    async overtaken() {
      const now = await api.get(`${this.path}/${this.record.id}/`);
      if (isOpen(now)) this.rival = now;
      else this.leaveOver();
    },
    /** Another tab says that a submission is over. */
    async hearOver(id) {
      if (this.record?.id === id && !this.busy && !this.left) await this.overtaken();
    },
    leaveOver() {
      this.left = true;
      clearTimeout(this._timer);
      this._timer = 0;
      this.dropCopy();
      if (this._gone) return;
      toast(t("已在另一处提交或放弃"));
      this.showRecord();
    },
    /** It is handed in: nothing of it is written any more, here or in another tab. */
    handedIn() {
      this.left = true;
      this.dropCopy();
      tellOver(this.record.id);
    },
    takeTheirs() {
      const { rival } = this;
      this.rival = null;
      this.dropCopy();
      return this.act(() => this.reopen(rival));
    },
    keepMine() {
      this.record = this.rival;
      this.rival = null;
      this._stored = "";
      return this.saveQuietly();
    },
  };
}
