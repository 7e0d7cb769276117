/** The claim that is being written stays on this phone, through reloads and bad networks, until it is handed in. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { keep } from "../lib/keeping.js";

/** @returns {object} `of` says which claim was written, `written` what of it */
const blank = () => ({ of: "", written: null });

/** Files whose upload did not finish are chosen again. */
const mend = ({ of, written }) => ({ of, written: written && { ...written, files: written.files.filter((file) => file.id) } });

Alpine.store("claim", { data: blank() });
keep("claim", "yidi.claim.", blank, mend);

/** @param {object} value  @returns {object} without what is of this moment only (`_…`) */
const copied = (value) => JSON.parse(JSON.stringify(value, (name, each) => (name.startsWith("_") ? undefined : each)));

/** @param {string} of  @returns {?object} what was written of this claim; of another nothing */
export function keptClaim(of) {
  const { data } = Alpine.store("claim");
  return data.of === of && data.written ? copied(data.written) : null;
}

/** The bank account is typed again: it is never written down on the phone. */
export function keepClaim(of, written) {
  const { draft, ...rest } = copied(written);
  Alpine.store("claim").data = { of, written: { ...rest, draft: { form: { ...draft.form, bank_account: "" } } } };
}

export function forgetClaim() {
  Alpine.store("claim").data = blank();
}
