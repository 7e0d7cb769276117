/** The filing being written. It stays on this phone through reloads and bad networks until it is submitted or given up. */

import Alpine from "../vendor/alpine-csp.esm.min.js";

const PREFIX = "yidi.filing.";

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

const place = () => {
  const account = Alpine.store("session").account;
  return account && PREFIX + account.id;
};

/** What begins with an underscore is of this moment only (progress, preview pictures). */
const lasting = (name, value) => (name.startsWith("_") ? undefined : value);

/** @returns {object} the kept draft without files whose upload did not finish */
function kept(name) {
  const data = { ...blank(), ...JSON.parse(localStorage.getItem(name) ?? "{}") };
  return { ...data, files: data.files.filter((file) => file.id) };
}

/** Read the account's draft when someone signs in, and write it down at every change. */
export function keepDraft() {
  const draft = Alpine.store("draft");
  let owner = null;
  Alpine.effect(() => {
    const name = place();
    const text = JSON.stringify(draft.data, lasting);
    if (!name) return;
    if (owner === name) localStorage.setItem(name, text);
    else draft.data = kept((owner = name));
  });
}

/** Nothing of a person stays on a phone that was signed out. */
export function forgetDrafts() {
  Alpine.store("draft").clear();
  const names = Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
  for (const name of names) localStorage.removeItem(name);
}
