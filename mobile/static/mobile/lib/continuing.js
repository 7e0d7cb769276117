/** From a record at the server back to the form: a draft continued on another phone, or a filing returned for correction. */

import { api } from "./api.js";
import { rows } from "./lists.js";

/** @returns {object} uploads by the document they stand for */
function filesByKind(materials) {
  const files = {};
  for (const { id, kind, filename, status, thumbnail } of materials ?? []) {
    (files[kind] ??= []).push({ key: id, id, name: filename, status, thumbnail, problem: "" });
  }
  return files;
}

const formOf = (record) => ({
  starts_on: record.starts_on ?? "",
  ends_on: record.ends_on ?? "",
  contact_name: record.contact_name ?? "",
  contact_phone: record.contact_phone ?? "",
  address: record.address ?? "",
  signed_name: record.commitment?.signed_name ?? "",
});

/** @returns {Promise<object>} the fields of a draft, with the options read anew */
export async function draftFrom(record) {
  const [persons, options] = await Promise.all([
    api.get("persons/"),
    api.get("filing-options/", { enrollment: record.enrollment, destination: record.destination }),
  ]);
  const person = rows(persons).find((each) => each.id === record.person);
  const option = options.options.find((each) => each.type === record.type);
  return {
    person: { id: person.id, name: person.name },
    enrollment: person.enrollments.find((each) => each.id === record.enrollment),
    destination: { code: record.destination, name: record.destination_name },
    options,
    type: record.type,
    noticeRead: record.notice ?? option?.notice.id ?? "",
    form: formOf(record),
    commitment: record.commitment?.kind ?? "",
    files: filesByKind(record.materials),
    filing: record,
    marks: record.decision?.fields ?? [],
  };
}
