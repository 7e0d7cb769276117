/** How many working days are left, by the server's calendar (weekdays, holidays, 调休). */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api } from "./api.js";
import { dayTime, isoDay, plusDays } from "./format.js";

/** @type {Object<number, Object<string, boolean>>} per year the days that differ from their weekday */
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
export function workingDaysBetween(from, until) {
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
  const by = `${dayTime(dueAt)} 前办结${provisional ? "（暂定）" : ""}`;
  if (now > new Date(dueAt)) return `应于 ${by}，正在加急处理`;
  return left ? `还有 ${left} 个工作日，${by}` : `今天办结，${by}`;
}
