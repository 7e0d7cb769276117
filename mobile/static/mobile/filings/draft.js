/** The filing being written: on this phone, as a draft at the server (made at the first check, changed at every later one, then submitted or resubmitted), and back from there. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api, persist, rows } from "../lib/api.js";
import { filesFrom } from "../lib/documents.js";
import { ask, go } from "../lib/lazy-pages.js";

/** How a type is dealt with. */
export const LANES = {
  instant: { name: "自助开通", text: "提交后即时生效" },
  review: { name: "人工审核", text: "2 个工作日内办结" },
};

/** @returns {object} `filing` is the record at the server once there is one; `marks` the fields to mend */
const blank = () => ({
  person: null,
  enrollment: null,
  destination: null,
  options: null,
  type: "",
  noticeRead: "",
  form: { starts_on: "", ends_on: "", contact_name: "", contact_phone: "", address: "", injury: false, signed_name: "" },
  commitment: "",
  hospitals: [],
  stay: { hospital: null, admitted_on: "" },
  files: [],
  filing: null,
  marks: [],
});

const draftStore = {
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

Alpine.store("draft", draftStore);
/** Files whose upload did not finish are chosen again. */
persist("draft", "filing", blank, (data) => ({ ...data, files: data.files.filter((file) => file.id) }));

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

/** @returns {?object} the stay that is made up for (补办) */
function stayOf({ stay }) {
  if (!stay.hospital) return null;
  return { institution: stay.hospital.code, admitted_on: stay.admitted_on || null };
}

/** @returns {object} what `POST filings/` and the PATCHes after it have in common */
function body(draft, materials) {
  const { starts_on, ends_on, contact_name, contact_phone, address, injury, signed_name } = draft.form;
  return {
    destination: draft.destination.code,
    type: draft.type,
    notice: draft.noticeRead || null,
    starts_on: starts_on || null,
    ends_on: ends_on || null,
    contact_name: contact_name.trim(),
    contact_phone: contact_phone.trim(),
    address: address.trim(),
    injury: Boolean(injury),
    materials,
    institutions: draft.hospitals.map((hospital) => hospital.code),
    makes_up_for: stayOf(draft),
    commitment: draft.commitment ? { kind: draft.commitment, signed_name: signed_name.trim() } : null,
  };
}

/** @param {string[]} materials ids */
export async function saveDraft(materials) {
  const draft = Alpine.store("draft").data;
  const fields = body(draft, materials);
  const { filing } = draft;
  draft.filing = filing
    ? await api.patch(`filings/${filing.id}/`, fields, { version: filing.version })
    : await api.post("filings/", { ...fields, enrollment: draft.enrollment.id, draft: true });
}

/** @returns {Promise<object>} the filing as submitted */
export async function submitDraft() {
  const { filing } = Alpine.store("draft").data;
  const verb = filing.status === "returned" ? "resubmit" : "submit";
  return api.post(`filings/${filing.id}/${verb}/`, {}, { version: filing.version });
}

const formOf = (record) => ({
  starts_on: record.starts_on ?? "",
  ends_on: record.ends_on ?? "",
  contact_name: record.contact_name ?? "",
  contact_phone: record.contact_phone ?? "",
  address: record.address ?? "",
  injury: record.injury ?? false,
  signed_name: record.commitment?.signed_name ?? "",
});

/** The enrolment as the person's list has it; who files once as an agent sees only what the record says. */
function enrollmentOf(record, person) {
  const known = person?.enrollments.find((each) => each.id === record.enrollment);
  return known ?? { id: record.enrollment, area: record.insured_area, area_name: record.insured_area_name };
}

/** @returns {Promise<{code: string, name: string}>} */
const hospital = (code) => api.get(`institutions/${code}/`);

async function stayFrom(stay) {
  return stay ? { hospital: await hospital(stay.institution), admitted_on: stay.admitted_on } : { hospital: null, admitted_on: "" };
}

/** @returns {Promise<object>} the fields of a draft, with the options read anew */
export async function draftFrom(record) {
  const [persons, destination, options] = await Promise.all([
    api.get("persons/"),
    api.get(`areas/${record.destination}/`),
    api.get("filing-options/", { enrollment: record.enrollment, destination: record.destination }),
  ]);
  const person = rows(persons).find((each) => each.id === record.person);
  return {
    person: { id: record.person, name: record.person_name },
    enrollment: enrollmentOf(record, person),
    destination,
    options,
    type: record.type,
    noticeRead: record.notice ?? "",
    form: formOf(record),
    commitment: record.commitment?.kind ?? "",
    hospitals: await Promise.all(record.institutions.map(hospital)),
    stay: await stayFrom(record.makes_up_for),
    files: filesFrom(record.materials),
    filing: record,
    marks: record.decision?.fields ?? [],
  };
}
