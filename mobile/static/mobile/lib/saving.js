/** The draft at the server: made at the first check, changed at every later one, then submitted or resubmitted. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api } from "./api.js";

/** @returns {?object} the stay that is made up for (补办) */
function stayOf({ stay }) {
  if (!stay.hospital) return null;
  return { institution: stay.hospital.code, admitted_on: stay.admitted_on || null };
}

/** @returns {object} what `POST filings/` and the PATCHes after it have in common */
function body(draft, materials) {
  const { starts_on, ends_on, contact_name, contact_phone, address, signed_name } = draft.form;
  return {
    destination: draft.destination.code,
    type: draft.type,
    notice: draft.noticeRead || null,
    starts_on: starts_on || null,
    ends_on: ends_on || null,
    contact_name: contact_name.trim(),
    contact_phone: contact_phone.trim(),
    address: address.trim(),
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
