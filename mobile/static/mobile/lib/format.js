/** Dates and times as people read them, always in China's time whatever the phone says; money with its thousands apart. */

const ZONE = "Asia/Shanghai";
const day = new Intl.DateTimeFormat("zh-CN", { timeZone: ZONE, year: "numeric", month: "long", day: "numeric" });
const shortDay = new Intl.DateTimeFormat("zh-CN", { timeZone: ZONE, month: "long", day: "numeric" });
const weekday = new Intl.DateTimeFormat("zh-CN", { timeZone: ZONE, weekday: "short" });
const clock = new Intl.DateTimeFormat("zh-CN", { timeZone: ZONE, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const iso = new Intl.DateTimeFormat("sv-SE", { timeZone: ZONE, year: "numeric", month: "2-digit", day: "2-digit" });

/** A date without time is a day in China. @param {string|Date} value */
const moment = (value) => new Date(typeof value === "string" && value.length === 10 ? `${value}T00:00:00+08:00` : value);

/** @returns {string} 2026年11月21日 */
export const date = (value) => (value ? day.format(moment(value)) : "");

/** @returns {string} 11月21日 周六 10:00 */
export const dayTime = (value) =>
  value ? `${shortDay.format(moment(value))} ${weekday.format(moment(value))} ${clock.format(moment(value))}` : "";

/** @returns {string} 2026年11月21日 10:00 */
export const dateTime = (value) => (value ? `${date(value)} ${clock.format(moment(value))}` : "");

/** @returns {string} 2026-11-21, the day in China */
export const isoDay = (value) => iso.format(moment(value));

/** @param {string} from ISO day  @param {number} days  @returns {string} ISO day */
export const plusDays = (from, days) => isoDay(new Date(moment(from).getTime() + days * 86400000));

/** @param {string} amount "15260.80"  @returns {string} 15,260.80 */
export const money = (amount) => amount.replace(/\B(?=(\d{3})+(?=\.))/g, ",");
