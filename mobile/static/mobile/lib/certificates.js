/** Whom somebody names, by a certificate of any kind (`parts/certificate.html`); its number is kept on the phone encrypted at most (lib/written.js). */

import "./fields.js";
import { t } from "./parts.js";
import { idNumberProblem, identity } from "./text.js";

/** What the number of each kind of certificate looks like. */
const FORMS = {
  id_card: t("18 位身份证号"),
  residence_permit: t("81、82、83 开头的 18 位"),
  foreigner: t("9 开头的 18 位，或旧版 15 位"),
  passport: t("护照首页右上角的号码"),
  travel_permit: t("H 或 M 加 8 位数字，台湾居民 8 位数字"),
  birth: t("1 位字母加 9 位数字"),
};

/** @returns {{kind: string, country: string, number: string}} */
export const blankCertificate = () => ({ kind: "id_card", country: "", number: "" });

/** @returns {object} the ID number, or another certificate, as the API takes them */
export function namedBy({ kind, country, number }) {
  if (kind === "id_card") return { id_number: identity(number) };
  return { certificate: kind === "passport" ? { kind, country, number } : { kind, number } };
}

/** The name under which the API tells what is wrong with the number. @param {string} of the part of the form it is in: `agent.` */
const numberField = ({ kind }, of) => `${of}${kind === "id_card" ? "id_number" : "certificate.number"}`;

/** @returns {Object<string, string>} what is missing or wrong of it, by the API's names */
export function unnamed(certificate, of = "") {
  const { kind, country, number } = certificate;
  const problem = kind === "id_card" ? idNumberProblem(number) : !identity(number) && t("请填写证件号码。");
  return {
    ...(kind === "passport" && !country && { [`${of}certificate.country`]: t("请选择签发护照的国家。") }),
    ...(problem && { [numberField(certificate, of)]: problem }),
  };
}

/** @returns {object} methods only, for pages that have `errors` */
export function namesSomebody() {
  return {
    numberForm: ({ kind }) => FORMS[kind],
    numberField,
    numberError(certificate, of) {
      return this.errors[numberField(certificate, of)] ?? "";
    },
    countryError(of) {
      return this.errors[`${of}certificate.country`] ?? "";
    },
  };
}
