/**
 * Fields while they are typed: mended when they are left, as the API mends them; what is missing told all at once, and each
 * gone as soon as it is mended. Brought by the modules whose pages have forms; it listens for all of them.
 */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { amount, digits, identity, line, number, personName, phone } from "./text.js";

const MENDS = {
  id_number: identity,
  name: personName,
  contact_name: personName,
  signed_name: personName,
  bank_holder: personName,
  contact_phone: phone,
  phone,
  bank_account: digits,
  code: digits,
  invoice_code: number,
  invoice_number: number,
  referral: number,
  address: line,
  institution_name: line,
};

/** By `data-as` where the name does not say it (a certificate's number: `number`). */
const FORMS = { identity, personName, phone, digits, number, line, amount };

const mendOf = (field) => FORMS[field.dataset.as] ?? MENDS[field.name] ?? (field.inputMode === "decimal" ? amount : null);

/** What was typed or pasted is shown as it will be sent. */
function leave({ target }) {
  const mend = target instanceof HTMLInputElement && mendOf(target);
  if (!mend) return;
  const mended = mend(target.value);
  if (mended === target.value) return;
  target.value = mended;
  target.dispatchEvent(new Event("input", { bubbles: true }));
}

/** @returns {?string} the name under which the page tells what is wrong with a field */
const errorName = (target) => target.closest?.(".field, .agree")?.querySelector("[data-error]")?.dataset.error ?? null;

/** What the page itself can tell is told anew; what only the server can, is no longer known of what was changed. */
function settle({ target }) {
  const name = errorName(target);
  if (name && target.closest("#page [x-data]")) forgive(Alpine.$data(target), name);
}

/** @param {{errors: object, alert: string, missing?: () => object}} page  @param {string} name of what was changed */
export function forgive(page, name) {
  if (!page.errors?.[name]) return;
  const problem = page.missing?.()[name];
  const { [name]: _mended, ...others } = page.errors;
  page.errors = problem ? { ...others, [name]: problem } : others;
  if (!Object.keys(page.errors).length) page.alert = "";
}

document.addEventListener("change", leave, true);
document.addEventListener("input", settle);
document.addEventListener("change", settle);

/**
 * @param {() => Object<string, string>} missing what is missing or wrong, as far as the page can tell, by the name of its field
 * @returns {object} for pages that act: `complete()` tells all of it at once and leads to the first
 */
export function completes(missing) {
  return {
    missing,
    complete() {
      const fields = this.missing();
      const errors = Object.entries(fields).map(([attr, detail]) => ({ attr, detail }));
      if (errors.length) this.fail({ fields, errors, message: Object.values(fields).join(" ") });
      return !errors.length;
    },
  };
}
