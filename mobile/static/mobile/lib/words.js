/** What the API says, in the words people read: codes, dates in China's time, money, working days, and where a submission stands. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api } from "./api.js";
import { language, t } from "./parts.js";

/** @type {Object<string, Object<string, string>>} */
const tables = JSON.parse(document.getElementById("words").textContent);

/** @param {string} table  @param {string} code  @returns {string} the code itself when nobody knows it */
export const word = (table, code) => tables[table][code] ?? code ?? "";

/** @returns {Object<string, string>} */
export const table = (name) => tables[name];

/** @returns {{code: string, name: string}[]} a table as what can be chosen from */
export const choices = (name) => Object.entries(tables[name]).map(([code, word]) => ({ code, name: word }));

/** @returns {string} 异地长期居住人员 → 异地长期居住 */
export const typeName = (code) => word("type_name", code);

/** @returns {string} 城乡居民基本医疗保险 → 居民医保 */
export const insuranceName = (code) => word("insurance_name", code);

/** Always China's time, whatever the phone says. */
const ZONE = "Asia/Shanghai";
const LOCALE = language === "en" ? "en-GB" : language;
const day = new Intl.DateTimeFormat(LOCALE, { timeZone: ZONE, year: "numeric", month: "long", day: "numeric" });
const shortDay = new Intl.DateTimeFormat(LOCALE, { timeZone: ZONE, month: "long", day: "numeric" });
const weekday = new Intl.DateTimeFormat(LOCALE, { timeZone: ZONE, weekday: "short" });
const minute = new Intl.DateTimeFormat(LOCALE, { timeZone: ZONE, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const iso = new Intl.DateTimeFormat("sv-SE", { timeZone: ZONE, year: "numeric", month: "2-digit", day: "2-digit" });

/** A date without time is a day in China. @param {string|Date} value */
const moment = (value) => new Date(typeof value === "string" && value.length === 10 ? `${value}T00:00:00+08:00` : value);

/** @returns {string} 2026年11月21日 */
export const date = (value) => (value ? day.format(moment(value)) : "");

/** @returns {string} 11月21日 周六 10:00 */
export const dayTime = (value) =>
  value ? `${shortDay.format(moment(value))} ${weekday.format(moment(value))} ${minute.format(moment(value))}` : "";

const PAST = new Intl.RelativeTimeFormat(LOCALE, { numeric: "auto" });
const UNITS = [["day", 86400000], ["hour", 3600000], ["minute", 60000]];

/** @param {number} ms how long it is past  @returns {string} 3天前 */
export function ago(ms) {
  const [unit, size] = UNITS.find(([, size]) => ms >= size) ?? ["second", Infinity];
  return PAST.format(-Math.floor(ms / size), unit);
}

/** @returns {string} 2026年11月21日 10:00 */
export const dateTime = (value) => (value ? `${date(value)} ${minute.format(moment(value))}` : "");

/** @returns {string} 2026-11-21, the day in China */
export const isoDay = (value) => iso.format(moment(value));

/** @param {string} from ISO day  @param {number} days  @returns {string} ISO day */
const plusDays = (from, days) => isoDay(new Date(moment(from).getTime() + days * 86400000));

/** @param {string} amount "15260.80"  @returns {string} 15,260.80 */
export const money = (amount) => amount.replace(/\B(?=(\d{3})+(?=\.))/g, ",");

/** @returns {string} 2026年3月1日 至 3月2日; one day alone, and the year once */
export function daysOf({ admitted_on: from, discharged_on: until }) {
  if (!until || until === from) return date(from);
  const last = until.slice(0, 4) === from.slice(0, 4) ? shortDay.format(moment(until)) : date(until);
  return t("{from} 至 {last}", { from: date(from), last });
}

/** @type {Object<number, Object<string, boolean>>} per year the days that differ from their weekday, by the server's calendar */
const years = Alpine.reactive({});

/** Ask for a year once; a page that showed no count yet shows it when the answer is there. */
function readYear(year) {
  if (years[year]) return;
  years[year] = {};
  api.get(`calendar/${year}/`).then(({ days }) => {
    years[year] = Object.fromEntries(days.map((day) => [day.date, day.is_workday]));
  }).catch(() => delete years[year]);
}

/** @param {string} day ISO day */
function isWorkday(day) {
  const year = Number(day.slice(0, 4));
  readYear(year);
  const weekday = new Date(`${day}T12:00:00Z`).getUTCDay();
  return years[year]?.[day] ?? (weekday !== 0 && weekday !== 6);
}

/** @returns {number} working days after `from` up to and including `until` (ISO days) */
function workingDaysBetween(from, until) {
  let count = 0;
  for (let day = from; day < until; ) {
    day = plusDays(day, 1);
    if (isWorkday(day)) count += 1;
  }
  return count;
}

/** @returns {string} 还有 2 个工作日，11月24日 周二 17:00 前办结 */
export function countdown(dueAt, provisional) {
  if (!dueAt) return "";
  const now = Alpine.store("clock").now;
  const left = workingDaysBetween(isoDay(now), isoDay(dueAt));
  const by = t("{dueAt} 前办结{provisional}", { dueAt: dayTime(dueAt), provisional: provisional ? t("（暂定）") : "" });
  if (now > new Date(dueAt)) return t("应于 {by}，正在加急处理", { by });
  return left ? t("还有 {left} 个工作日，{by}", { left, by }) : t("今天办结，{by}", { by });
}

/** The colour of a status's label. */
const STATUS_TONES = { submitted: "info", returned: "warn", approved: "good", rejected: "bad", revoked: "bad" };

/** @returns {string} the colour of a status's label */
export const toneOf = (status) => STATUS_TONES[status] ?? "plain";

/**
 * What matters now of a submission of any kind: the due time while it is reviewed, what is to be done, how it ended.
 * @param {object} row  @param {string} [standing] what matters once it is decided, if there is more to say than the day
 */
export function whenOf(row, standing = "") {
  if (row.status === "submitted") return countdown(row.due_at, row.due_provisional);
  if (row.status === "returned") return row.correct_by ? t("请在 {correct_by} 前补正", { correct_by: date(row.correct_by) }) : t("请补正后重新提交");
  if (row.status === "draft") return t("还没有提交");
  return standing || (row.decided_at ? t("{decided_at} 办结", { decided_at: dayTime(row.decided_at) }) : dayTime(row.submitted_at));
}

/** @returns {{name: string, tone: string}} what was approved is in force, or will be */
export function statusOf({ status, valid_from }) {
  if (status !== "approved") return { name: word("status", status), tone: toneOf(status) };
  return valid_from > today() ? { name: t("待生效"), tone: "info" } : { name: t("生效中"), tone: "good" };
}

/** @returns {string} ISO day of business time */
export const today = () => isoDay(Alpine.store("clock").now);

export const LONG_TERM = new Set(["retiree", "resident", "worker"]);

/** @returns {string} 2026年11月23日 起，长期有效 */
export function validity(filing) {
  const from = filing.valid_from ?? filing.starts_on;
  const until = filing.valid_from ? filing.valid_until : filing.ends_on;
  if (until) return t("{from} 至 {until}", { from: date(from), until: date(until) });
  return LONG_TERM.has(filing.type) || filing.valid_from ? t("{from} 起，长期有效", { from: date(from) }) : t("{from} 起", { from: date(from) });
}

/** Where each kind of thing has its page. */
const FOLDERS = { filing: "records", proof: "proofs", referral: "referrals", recognition: "chronic", claim: "claims", settlement: "bills" };

/** @param {string} kind of a submission, or a settlement  @returns {string} the address of its page */
export const addressOf = (kind, id) => `#/${FOLDERS[kind] ?? "records"}/${id}`;

/** @returns {object} the API's filing with what the pages show of it */
export function presentFiling(filing) {
  const status = statusOf(filing);
  return {
    ...filing,
    code: filing.status,
    status: status.name,
    toneClass: `tone-${status.tone}`,
    place: filing.destination_name,
    title: `${filing.destination_name} · ${typeName(filing.type)}`,
    who: t("{person_name} · {insured_area_name}参保", { person_name: filing.person_name, insured_area_name: filing.insured_area_name }),
    when: whenOf(filing, filing.status === "approved" ? validity(filing) : ""),
    validity: validity(filing),
    href: `#/records/${filing.id}`,
  };
}

/** Telephone numbers in a sentence: the hotline, a landline with its area code, a mobile. */
const NUMBERS = /(?<!\d)(12393|0\d{2,3}-\d{7,8}|1[3-9]\d{9})(?!\d)/;

/** @returns {Node} a number is a link that dials; all else is text */
function dialled(part) {
  if (!NUMBERS.test(part)) return new Text(part);
  return Object.assign(document.createElement("a"), { className: "link", href: `tel:${part}`, textContent: part });
}

/** `x-dial` shows a text like `x-text`, and its telephone numbers dial. */
export function dial(element, { expression }, { evaluateLater, effect }) {
  const read = evaluateLater(expression);
  effect(() => read((text) => element.replaceChildren(...String(text ?? "").split(NUMBERS).map(dialled))));
}
