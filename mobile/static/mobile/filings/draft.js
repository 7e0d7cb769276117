/** The filing being written: on this phone, as a draft at the server, and back from there. Several stand side by side; each tab writes one of them. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api, rows, uniqueKey } from "../lib/api.js";
import { filesFrom } from "../lib/documents.js";
import { copies } from "../lib/drafts.js";
import { go } from "../lib/lazy-pages.js";
import { marksOf } from "../lib/marks.js";
import { expectWriting } from "../lib/parts.js";
import { number } from "../lib/text.js";
import { optionsFor } from "./options.js";

const NAME = "filing";
const CURRENT = "yidi.filing.current";

/** @returns {object} `filing` is the record at the server once there is one; `rival` what the server has where this was written on another version; `marks` the fields to mend; `unsaved`: the server has not all of it */
const blank = () => ({
  key: "",
  unsaved: false,
  person: null,
  enrollment: null,
  destination: null,
  options: null,
  type: "",
  noticeRead: "",
  form: { starts_on: "", ends_on: "", contact_name: "", contact_phone: "", address: "", injury: false, referral: "", signed_name: "" },
  commitment: "",
  hospitals: [],
  stay: { hospital: null, admitted_on: "" },
  files: [],
  filing: null,
  rival: null,
  marks: [],
});

/** @returns {?object} the chosen type with all that belongs to it */
export const optionOf = ({ options, type }) => options?.options?.find((option) => option.type === type) ?? null;

const draftStore = {
  data: blank(),
  /** The field somebody came back for. */
  wanted: "",

  get option() {
    return optionOf(this.data);
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
  /** Another one, beside those begun before: what is in none of them yet is let go, what the server has needs no copy here. */
  start(fields = {}) {
    const { key, unsaved, filing } = this.data;
    if (key && (filing ? !unsaved : !this.begun)) copies.drop(NAME, key);
    this.data = { ...blank(), key: uniqueKey(), ...fields };
  },
  clear() {
    copies.drop(NAME, this.data.key);
    this.data = blank();
  },
};

Alpine.store("draft", draftStore);

/** Files whose upload did not finish are chosen again. */
const mended = (data) => ({ ...blank(), ...data, files: data.files.filter((file) => file.id) });

/** A save of what this tab writes no more was answered: its copy stays only if the server has not all of it. */
export function setAside(data) {
  if (data.unsaved) copies.write(NAME, data.key, data);
  else copies.drop(NAME, data.key);
}

/** A reload finds what this tab was writing; who signs out leaves nothing. */
let owner = null;
async function recall(account) {
  const key = sessionStorage.getItem(CURRENT);
  const copy = key && (await copies.read(NAME, key));
  if (Alpine.store("session").account?.id !== account) return;
  Alpine.store("draft").data = copy ? mended(copy) : blank();
  owner = account;
}
Alpine.effect(() => {
  const { account } = Alpine.store("session");
  if (account) return expectWriting(recall(account.id));
  sessionStorage.removeItem(CURRENT);
  Alpine.store("draft").data = blank();
});
Alpine.effect(() => {
  const { data } = Alpine.store("draft");
  const text = JSON.stringify(data);
  if (!owner || owner !== Alpine.store("session").account?.id) return;
  sessionStorage.setItem(CURRENT, data.key);
  if (data.key && text) copies.write(NAME, data.key, data);
});

/** @returns {Promise<object[]>} what was begun on this phone and is not at the server yet */
export const localDrafts = async () => (await copies.all(NAME)).filter(({ destination, filing }) => destination && !filing);

export function dropLocal({ key }) {
  const draft = Alpine.store("draft");
  if (draft.data.key === key) draft.clear();
  else copies.drop(NAME, key);
}

/** @param {object} copy  go on with what was begun on this phone */
export function resumeLocal(copy) {
  const draft = Alpine.store("draft");
  if (draft.data.key !== copy.key) draft.start(mended(copy));
  go(draft.option && !noticeMissing(draft) ? "#/file/form" : "#/file/select");
}

/** The notice of this type was not read yet; one that was read before may do, which the server's check says. */
function noticeMissing({ option, data }) {
  const { filing, type, noticeRead } = data;
  if (!option?.notice || noticeRead === option.notice.id) return false;
  const asMade = noticeRead && filing?.notice === noticeRead && filing.type === type;
  return !asMade || filing.checks.some(({ code }) => code === "notice_not_read");
}

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
  if (page === "file-form" && noticeMissing(draft)) return "#/file/notice";
  return page === "file-notice" && !draft.option.notice ? "#/file/form" : null;
}

/** Begin a filing with what is known already; the same one that was just begun goes on, any other stays among the drafts. */
export async function beginFiling(fields) {
  const draft = Alpine.store("draft");
  const { enrollment, destination, filing } = draft.data;
  const same = !filing && enrollment?.id === fields.enrollment.id && destination?.code === fields.destination?.code;
  if (!draft.begun || !same) draft.start(fields);
  go("#/file/select");
}

/** @returns {?object} the stay that is made up for (补办) */
function stayOf({ stay }) {
  if (!stay.hospital) return null;
  return { institution: stay.hospital.code, admitted_on: stay.admitted_on || null };
}

/** @param {string[]} materials ids  @returns {object} what `POST filings/` and the PATCHes after it have in common */
export function bodyOf(draft, materials) {
  const { starts_on, ends_on, contact_name, contact_phone, address, injury, referral, signed_name } = draft.form;
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
    referral: (draft.type === "referral" && number(referral ?? "")) || null,
    materials,
    institutions: draft.hospitals.map((hospital) => hospital.code),
    makes_up_for: stayOf(draft),
    commitment: draft.commitment ? { kind: draft.commitment, signed_name: signed_name.trim() } : null,
  };
}

/** @returns {Promise<object>} the first draft at the server */
export const createDraft = (fields, enrollment) => api.post("filings/", { ...fields, enrollment, draft: true });

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
  referral: record.referral ?? "",
  signed_name: record.commitment?.signed_name ?? "",
});

/** The enrolment as the person's list has it; who files once as an agent sees only what the record says. */
function enrollmentOf(record, person) {
  const known = person?.enrollments.find((each) => each.id === record.enrollment);
  return known ?? { id: record.enrollment, area: record.insured_area, area_name: record.insured_area_name };
}

/** @returns {Promise<{code: string, name: string}>} */
const hospital = (code) => api.get(`institutions/${code}/`);

function stayFrom(stay) {
  if (!stay) return { hospital: null, admitted_on: "" };
  return { hospital: { code: stay.institution, name: stay.institution_name }, admitted_on: stay.admitted_on };
}

/** @returns {Promise<object>} the fields of a draft, with the options read anew */
export async function draftFrom(record) {
  const [persons, destination, options] = await Promise.all([
    api.get("persons/"),
    api.get(`areas/${record.destination}/`),
    optionsFor(record.enrollment, record.destination, record.id),
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
    stay: stayFrom(record.makes_up_for),
    files: filesFrom(record.materials),
    filing: record,
    marks: marksOf(record),
  };
}

/** What was written on another version is not sent over what the server has since: which of the two counts is asked. */
const basis = (record, version) =>
  record.version === version ? { filing: record, rival: null } : { filing: { ...record, version }, rival: record };

const STEPS_MARKED = ["destination", "type"];

/** Write on at a filing of the server; what this phone has more of it than the server is not lost. @returns {Promise<string>} where one writes on */
export async function openDraft(record) {
  const draft = Alpine.store("draft");
  const mine = (await copies.all(NAME)).find(({ filing, unsaved }) => unsaved && filing?.id === record.id);
  const fresh = await draftFrom(record);
  draft.start(mine ? { ...mended(mine), options: fresh.options, ...basis(record, mine.filing.version) } : fresh);
  const selects = !draft.option || draft.data.marks.some((name) => STEPS_MARKED.includes(name));
  return selects ? "#/file/select" : "#/file/form";
}
