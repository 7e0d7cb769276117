/** The filing being written. It stays on this phone through reloads and bad networks until it is submitted or given up. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { keep } from "./keeping.js";
import { ask } from "./page.js";
import { go } from "./router.js";

/** @returns {object} `filing` is the record at the server once there is one; `marks` the fields to mend */
const blank = () => ({
  person: null,
  enrollment: null,
  destination: null,
  options: null,
  type: "",
  noticeRead: "",
  form: { starts_on: "", ends_on: "", contact_name: "", contact_phone: "", address: "", signed_name: "" },
  commitment: "",
  hospitals: [],
  stay: { hospital: null, admitted_on: "" },
  files: [],
  filing: null,
  marks: [],
});

export const draftStore = {
  data: blank(),

  get option() {
    return this.data.options?.options?.find((option) => option.type === this.data.type) ?? null;
  },
  get begun() {
    return Boolean(this.data.destination);
  },
  get correcting() {
    return this.data.filing?.status === "returned";
  },
  get changing() {
    return Boolean(this.data.filing?.predecessor);
  },
  start(fields = {}) {
    this.data = { ...blank(), ...fields };
  },
  clear() {
    this.data = blank();
  },
};

/** What each step of filing needs; without it the steps begin anew. */
const NEEDS = {
  "file-select": ({ data }) => data.enrollment,
  "file-notice": ({ option }) => option,
  "file-form": ({ option }) => option,
  "file-check": ({ data }) => data.filing,
};

/** @returns {?string} where to go instead of a step that cannot be taken yet, or need not be (an area without a notice) */
export function stepInstead({ page }) {
  const draft = Alpine.store("draft");
  if (NEEDS[page] && !NEEDS[page](draft)) return "#/file";
  return page === "file-notice" && !draft.option.notice ? "#/file/form" : null;
}

/** Files whose upload did not finish are chosen again. */
export const keepDraft = () =>
  keep("draft", "yidi.filing.", blank, (data) => ({ ...data, files: data.files.filter((file) => file.id) }));

/** Begin a filing with what is known already. One that was begun goes on if it is the same; another is only given up when asked. */
export async function beginFiling(fields) {
  const draft = Alpine.store("draft");
  const { person, enrollment, destination } = draft.data;
  const same = enrollment?.id === fields.enrollment.id && destination?.code === fields.destination?.code;
  const text = `${person?.name} → ${destination?.name}。重新开始后，已填写的内容将被清除。`;
  if (draft.begun && !same && !(await ask({ title: "有一份未提交的备案", text, ok: "重新开始" }))) return;
  if (!draft.begun || !same) draft.start(fields);
  go("#/file/select");
}
