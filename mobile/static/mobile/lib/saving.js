/** The draft at the server: made at the first check, changed at every later one, then submitted or resubmitted. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api } from "./api.js";

/** @returns {object} the body of `POST filings/`, without what was left empty */
function body(draft, materials) {
  const { starts_on, ends_on, contact_name, contact_phone, address, signed_name } = draft.form;
  return {
    enrollment: draft.enrollment.id,
    destination: draft.destination.code,
    type: draft.type,
    notice: draft.noticeRead,
    starts_on: starts_on || null,
    ends_on: ends_on || null,
    contact_name: contact_name.trim(),
    contact_phone: contact_phone.trim(),
    address: address.trim(),
    materials,
    ...(draft.commitment && { commitment: { kind: draft.commitment, signed_name: signed_name.trim() } }),
  };
}

/** @param {string[]} materials ids */
export async function saveDraft(materials) {
  const draft = Alpine.store("draft").data;
  const fields = body(draft, materials);
  const { filing } = draft;
  draft.filing = filing
    ? await api.patch(`filings/${filing.id}/`, fields, { version: filing.version })
    : await api.post("filings/", { ...fields, draft: true });
}

/** @returns {Promise<object>} the filing as submitted */
export async function submitDraft() {
  const { filing } = Alpine.store("draft").data;
  const verb = filing.status === "returned" ? "resubmit" : "submit";
  return api.post(`filings/${filing.id}/${verb}/`, {}, { version: filing.version });
}
