/** Texts as people type and paste them, mended as the API does (`core/text.py`); both are tested with the same table. */

import { t } from "./parts.js";

const HAN = "\\u3007\\u3400-\\u4dbf\\u4e00-\\u9fff\\ue000-\\uf8ff\\u{20000}-\\u{3ffff}";
const BLANKS = /[\p{Z}\t\n\v\f\r\x85\u2800]/gu;
const UNSEEN =
  /[\p{Cc}\p{Cf}\p{Cs}\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u3164\uffa0\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/gu;
const DOTS = /[•‧・･∙⋅●⚫⬤⦁⏺⸱⸳ꞏ᛫ᐧ˙\u0387]/gu;
const DASHES = /[‐‑‒–—―−－﹣﹘⁃˗⁻]/gu;
const WIDE = /[０-９Ａ-Ｚａ-ｚ]/g;
const BREAKS = /\r\n|[\n\r\v\f\x85\u2028\u2029]/;
const FULL_STOP = new RegExp(`(?<=[${HAN}]) ?[.。｡] ?(?=[${HAN}])`, "gu");
const NEEDLESS = new RegExp(` ?· ?|(?<=[${HAN}]) (?=[${HAN}])`, "gu");

const visible = (text) => text.replace(BLANKS, " ").replace(UNSEEN, "");
const hyphens = (text) => text.replace(DASHES, "-");
const half = (letter) => String.fromCharCode(letter.charCodeAt(0) - 0xfee0);

/** @returns {string} half-width, without blanks and without what cannot be seen; every dash is a hyphen */
export const plain = (text) => visible(hyphens(text).normalize("NFKC")).replaceAll(" ", "");

/** @returns {string} one line: no breaks, nothing invisible, single blanks, half-width letters and digits */
export const line = (text) => visible(text.normalize("NFC")).replace(WIDE, half).split(" ").filter(Boolean).join(" ");

/** @returns {string} several lines: breaks and tabs stay */
export function prose(text) {
  const parts = text.normalize("NFC").split(BREAKS);
  return parts.map((part) => part.split("\t").map(visible).join("\t")).join("\n").trim();
}

/** @returns {string} a name on one line: no blanks between Han characters and around dots; Latin blanks and hyphens stay */
export function personName(text) {
  const name = hyphens(line(text.replace(DOTS, "·"))).replaceAll("．", ".").replaceAll("＇", "'");
  return name.replace(FULL_STOP, "·").replace(NEEDLESS, (found) => found.trim());
}

/** @returns {string} the number of a bill, an invoice, a passport: dashes stay */
export const number = plain;

/** @returns {string} digits, however they were grouped */
export const digits = (text) => plain(text).replaceAll("-", "");

/** @returns {string} an ID number as it stands on the card */
export const identity = (text) => digits(text).toUpperCase();

const MOBILE = /^1[3-9][0-9]{9}$/;
const LANDLINE = /^(010|02[0-9]|0[3-9][0-9]{2})-?([1-9][0-9]{2,3})-?([0-9]{4})(?:(?:-|转|ext\.?|x|#)([0-9]{1,5}))?$/;

/** @returns {string} as it is dialled in China: 13900000001; 023-63212345, 023-63212345-801; what is none stays */
export function phone(text) {
  const bare = plain(text).toLowerCase().replace(/[()]/g, "");
  let home = bare.replace(/^(\+|00)86-?|^86-?(?=1[3-9])/, "");
  const mobile = home.replaceAll("-", "");
  if (MOBILE.test(mobile)) return mobile;
  if (home !== bare && !home.startsWith("0")) home = `0${home}`;
  const [, area, exchange, rest, extension] = LANDLINE.exec(home) ?? [];
  return area ? [area, exchange + rest, extension].filter(Boolean).join("-") : bare;
}

const THOUSANDS = /^-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?$/;

/** @returns {string} yuan as people write them: ￥1，234.5 元 → 1234.5; what may mean another sum (12,50; 12元5) stays to be refused */
export function amount(text) {
  const bare = plain(text).replace(/^(-?)¥|元$/g, "$1").replaceAll("。", ".");
  return THOUSANDS.test(bare) ? bare.replaceAll(",", "") : bare;
}

/** @returns {boolean} someone can be reached there */
export const isReachable = (text) => MOBILE.test(phone(text)) || LANDLINE.test(phone(text));

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/** @returns {string} what is wrong with the number of an ID card (GB 11643), as far as it can be told here; empty: nothing */
export function idNumberProblem(text) {
  const sent = identity(text);
  if (!sent) return t("请填写身份证号码。");
  if (sent.length !== 18) return t("身份证号码应为18位，已填写{length}位。", { length: sent.length });
  if (!/^[1-9][0-9]{16}[0-9X]$/.test(sent)) return t("身份证号码前17位是数字，末位是数字或X，请核对。");
  const sum = WEIGHTS.reduce((total, weight, at) => total + weight * Number(sent[at]), 0);
  return sent[17] === "10X98765432"[sum % 11] ? "" : t("身份证号码的校验位不正确，可能有数字填错，请逐位核对。");
}
