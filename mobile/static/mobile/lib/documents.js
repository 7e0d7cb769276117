/** The documents of a form: files chosen, uploading, ready, failed. */

import { acts } from "./page.js";
import { forget, run, upload } from "./upload.js";

const STATUSES = { processing: "正在处理…", ready: "已上传" };

/** @returns {object} methods only (getters do not survive a spread), mixed into pages that have `files` (by document kind) and may have `marks` */
export function uploads() {
  return {
    ...acts(),
    filesOf(document) {
      return this.files[document.kind] ?? [];
    },
    uploading() {
      return Object.values(this.files).flat().some((file) => file.status === "uploading");
    },
    marked(name) {
      return this.marks.includes(name);
    },
    addFiles(document, event) {
      const added = [...event.target.files].map((file) => upload(file, document.kind));
      this.files[document.kind] = [...this.filesOf(document), ...added];
      event.target.value = "";
    },
    removeFile(document, file) {
      forget(file);
      this.files[document.kind] = this.filesOf(document).filter((each) => each.key !== file.key);
    },
    retry(document, file) {
      return run(file, document.kind);
    },
    fileStatus(file) {
      if (file.status === "uploading") return `正在上传 ${file._progress}%`;
      return file.problem || STATUSES[file.status] || "";
    },
    /** @returns {string[]} the ids to send */
    sentFiles(documents) {
      return documents.flatMap((document) => this.filesOf(document)).filter((file) => file.id && file.status !== "failed").map((file) => file.id);
    },
  };
}
