/** The documents of a form, and the files that stand for them: chosen, uploading, ready, refused. */

import { api } from "./api.js";
import { acts } from "./page.js";
import { forget, run, upload } from "./upload.js";
import { word } from "./words.js";

const STATUSES = { processing: "正在处理…", ready: "已上传" };
const COMMITMENT = "commitment";

/** @returns {boolean} a letter of commitment may stand in for it for now */
export const promisable = (document) => document.alternatives.includes(COMMITMENT);

/** @returns {string[]} every kind of paper that does for a document */
export const kindsOf = (document) => [document.kind, ...document.alternatives.filter((kind) => kind !== COMMITMENT)];

/** @returns {{kind: string, label: string}[]} the papers to choose from, when there is a choice */
export function papersOf(document) {
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
      event.target.value = "";
    },
    /** An upload that nothing uses yet is deleted at the server too; one that is used stays there. */
    removeFile(file) {
      forget(file);
      this.files.splice(this.files.findIndex((each) => each.key === file.key), 1);
      if (file.id) api.delete(`materials/${file.id}/`).catch(() => {});
    },
    retry: run,
    fileStatus(file) {
      if (file.status === "uploading") return `正在上传 ${file._progress}%`;
      return file.problem || STATUSES[file.status] || "";
    },
    /** @returns {string[]} the ids to send */
    sentFiles(documents) {
      const files = documents.flatMap((document) => this.filesOf(document));
      return files.filter((file) => file.id && file.status !== "failed").map((file) => file.id);
    },
  };
}
