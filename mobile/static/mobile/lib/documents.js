/** The documents of a form, and the files that stand for them: chosen, uploading (with progress), ready, refused. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api, authorization, offlineError, readError, uniqueKey } from "./api.js";
import { forgive } from "./fields.js";
import { acts } from "./lazy-pages.js";
import { t } from "./parts.js";
import { isPicture, prepared } from "./photos.js";
import { word } from "./words.js";

const URL_MATERIALS = "/api/v1/materials/";
const LIMIT_BYTES = 10 * 1024 * 1024;
const POLL_MS = 1000;
const POLLS = 60;

/** @typedef {{key: string, id: ?string, kind: string, name: string, status: string, problem: string, thumbnail: ?string}} Upload */

/** @returns {Upload} what is shown of a chosen file; `_…` is of this moment only */
function begin(file, kind) {
  return Alpine.reactive({
    key: uniqueKey(),
    id: null,
    kind,
    name: file.name,
    status: "uploading",
    problem: "",
    thumbnail: null,
    _file: file,
    _progress: 0,
    _ready: null,
    _preview: null,
    _seen: false,
  });
}

/** fetch tells no progress, so this one call uses XMLHttpRequest. @returns {Promise<object>} the API's answer; the same key when tried again */
function send(upload) {
  const form = new FormData();
  form.append("kind", upload.kind);
  form.append("file", upload._ready, upload.name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", URL_MATERIALS);
    for (const [name, value] of Object.entries(authorization())) request.setRequestHeader(name, value);
    request.setRequestHeader("Idempotency-Key", upload.key);
    request.upload.onprogress = (event) => (upload._progress = Math.round((100 * event.loaded) / event.total));
    request.onerror = () => reject(offlineError());
    request.onload = () => {
      if (request.status < 300) resolve(JSON.parse(request.responseText));
      else reject(readError(request.status, request.responseText));
    };
    request.send(form);
  });
}

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** The worker makes the picture safe; until then it may be seen here but not yet there. */
async function follow(upload) {
  const { id } = upload;
  for (let poll = 0; poll < POLLS && upload.status === "processing"; poll += 1) {
    await wait(POLL_MS);
    if (upload.id !== id) return;
    const material = await api.get(`materials/${id}/`);
    if (upload.id === id) take(upload, material);
  }
}

function take(upload, material) {
  Object.assign(upload, { id: material.id, status: material.status, thumbnail: material.thumbnail });
  if (material.status === "refused") fail(upload, material.detail);
}

function fail(upload, problem) {
  Object.assign(upload, { status: "failed", problem });
}

/** What is shown of it from now on. The picture as it came would be decoded whole for a thumbnail. */
function show(upload, blob) {
  forget(upload);
  upload._preview = URL.createObjectURL(blob);
}

async function prepare(upload) {
  const { blob, seen } = await prepared(upload._file);
  Object.assign(upload, { _ready: blob, _seen: seen });
  if (seen) show(upload, blob);
}

/** Make it small, send it, then follow until it is ready or refused. What was replaced meanwhile is let go. */
async function run(upload) {
  const { key } = upload;
  Object.assign(upload, { status: "uploading", problem: "", _progress: 0 });
  try {
    if (!upload._ready) await prepare(upload);
    if (upload.key !== key) return null;
    if (upload._ready.size > LIMIT_BYTES) return giveUp(upload);
    const material = await send(upload);
    if (upload.key !== key) return discard(material.id);
    take(upload, material);
    await follow(upload);
  } catch (error) {
    if (upload.key === key) fail(upload, error.message);
  }
  return null;
}

/** Too large also when made small, or not to be made small here: trying again would not help, so it is said what does. */
function giveUp(upload) {
  const size = (Math.ceil(upload._ready.size / 104857.6) / 10).toFixed(1);
  const unseen = isPicture(upload._file) && !upload._seen;
  Object.assign(upload, { _file: null });
  if (unseen) return void fail(upload, t("这张照片有 {size} MB，超过 10 MB，这个浏览器又打不开它，没法压缩。请在相册里另存为 JPG，或截屏后上传截图；也可以把相机改为拍 JPG 再拍一张。", { size }));
  return void fail(upload, t("文件超过 10 MB，请压缩后再上传。这个文件有 {size} MB。", { size }));
}

/** @returns {Upload} already under way */
function upload(file, kind) {
  const started = begin(file, kind);
  run(started);
  return started;
}

const forget = (file) => file._preview && URL.revokeObjectURL(file._preview);

/** An upload that nothing uses yet is deleted at the server too; one that is used stays there. */
const discard = (id) => api.delete(`materials/${id}/`).catch(() => {});

/** @returns {Promise<Blob>} the picture as it is now, here or at the server */
async function pictureOf(file) {
  if (file._ready) return file._ready;
  const { url } = await api.get(`materials/${file.id}/`);
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.blob();
}

/** Another picture in the place of this one: turned, or cropped. */
function replace(file, blob) {
  const { id } = file;
  const name = `${file.name.replace(/\.[^.]*$/, "")}.jpg`;
  Object.assign(file, { key: uniqueKey(), id: null, thumbnail: null, name, _file: blob, _ready: blob });
  if (id) discard(id);
  show(file, blob);
  return run(file);
}

const PDF = /\.pdf$/i;

/** @returns {Upload[]} of a record at the server */
export const filesFrom = (materials) =>
  materials.map(({ id, kind, filename, status, thumbnail, detail }) => ({ key: id, id, kind, name: filename, status, thumbnail, problem: detail ?? "" }));

async function readAgain(file) {
  try {
    const [upload] = filesFrom([{ kind: file.kind, filename: file.name, ...(await api.get(`materials/${file.id}/`)) }]).map(Alpine.reactive);
    follow(upload).catch(() => {});
    return [upload];
  } catch ({ status }) {
    return status === 404 ? [] : [file];
  }
}

/** @param {Upload[]} files as they were written down  @returns {Promise<Upload[]>} those that the server has, as it has them; one unused for a week is gone */
export const stillThere = async (files) => (await Promise.all(files.filter(({ id }) => id).map(readAgain))).flat();

const STATUSES = { processing: t("正在处理…"), ready: t("已上传") };
const COMMITMENT = "commitment";

/** @returns {boolean} a letter of commitment may stand in for it for now */
export const promisable = (document) => document.alternatives.includes(COMMITMENT);

/** @returns {string[]} every kind of paper that does for a document */
const kindsOf = (document) => [document.kind, ...document.alternatives.filter((kind) => kind !== COMMITMENT)];

/** @returns {{kind: string, label: string}[]} the papers to choose from, when there is a choice */
function papersOf(document) {
  const kinds = kindsOf(document);
  if (kinds.length < 2) return [];
  return kinds.map((kind) => ({ kind, label: word("document", kind) }));
}

/** @returns {object} methods only (getters do not survive a spread), mixed into pages that have `files` and `marks` */
export function uploads() {
  return {
    ...acts(),
    chosenPaper: {},
    papersOf,
    paperOf(document) {
      return this.chosenPaper[document.kind] ?? document.kind;
    },
    filesOf(document) {
      return this.files.filter((file) => kindsOf(document).includes(file.kind));
    },
    uploading() {
      return this.files.some((file) => file.status === "uploading");
    },
    marked(name) {
      return this.marks.includes(name);
    },
    markedDocument(document) {
      return this.marks.includes("materials") || kindsOf(document).some((kind) => this.marks.includes(kind));
    },
    addFiles(document, event) {
      const added = [...event.target.files].map((file) => upload(file, this.paperOf(document)));
      this.files.push(...added);
      forgive(this, document.field ?? "materials");
      event.target.value = "";
    },
    removeFile(file) {
      forget(file);
      this.files.splice(this.files.findIndex((each) => each.key === file.key), 1);
      const { id } = file;
      Object.assign(file, { key: "", id: null });
      if (id) discard(id);
    },
    canView(file) {
      return !PDF.test(file.name) && Boolean(file._preview || file.thumbnail);
    },
    /** In full, to be turned or cropped. */
    async viewFile(file) {
      const made = await Alpine.store("photo").open({ title: file.name, read: () => pictureOf(file) });
      if (made) await replace(file, made);
    },
    retry: run,
    fileStatus(file) {
      if (file.status === "uploading") return file._ready ? t("正在上传 {_progress}%", { _progress: file._progress }) : t("正在压缩…");
      return file.problem || STATUSES[file.status] || "";
    },
    /** @returns {string[]} the ids of those that can be kept with a draft already */
    readyFiles(documents) {
      return documents.flatMap((document) => this.filesOf(document)).filter((file) => file.status === "ready").map((file) => file.id);
    },
    /** @returns {string[]} the ids to send */
    sentFiles(documents) {
      const files = documents.flatMap((document) => this.filesOf(document));
      return files.filter((file) => file.id && file.status !== "failed").map((file) => file.id);
    },
  };
}
