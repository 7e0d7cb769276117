/** From a record at the server back to the form: a draft continued on another phone, or a filing returned for correction. */

import { api } from "../lib/api.js";
import { rows } from "../lib/lists.js";

/** @returns {import("../lib/upload.js").Upload[]} */
export const filesFrom = (materials) =>
  materials.map(({ id, kind, filename, status, thumbnail, detail }) => ({ key: id, id, kind, name: filename, status, thumbnail, problem: detail ?? "" }));

const formOf = (record) => ({
  starts_on: record.starts_on ?? "",
  ends_on: record.ends_on ?? "",
  contact_name: record.contact_name ?? "",
  contact_phone: record.contact_phone ?? "",
  address: record.address ?? "",
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
