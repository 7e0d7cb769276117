/** Home: what needs me first, what counts and for how long, what is under way; then the questions before a visit. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api } from "../lib/api.js";
import { loads } from "../lib/lazy-pages.js";
import { t } from "../lib/parts.js";
import { addressOf, countdown, date } from "../lib/words.js";

const SHOWN = 3;

/** How a need is headed, and where one does it. The order is the API's. */
const NEEDS = {
  bind: { name: t("先绑定参保人"), href: () => "#/family/add" },
  verify: { name: t("请输入验证码"), href: ({ person }) => `#/family/${person}` },
  correct: { name: t("请补正"), href: caseOf },
  consent: { name: t("请答复代办申请"), href: () => "#/family" },
  documents: { name: t("请补交承诺的材料"), href: (need) => `${caseOf(need)}/${need.submission_kind === "filing" ? "proof" : "renew"}` },
  account: { name: t("请更正收款账户"), href: caseOf },
  report: { name: t("请报告急诊"), href: caseOf },
  renew: { name: t("请办理续期"), href: (need) => `${caseOf(need)}/renew` },
  expiring: { name: t("即将到期"), href: caseOf },
  finish: { name: t("还没有提交"), href: caseOf },
};

function caseOf({ submission_kind, submission }) {
  return addressOf(submission_kind, submission);
}

/** @param {?number} days  @returns {string} 今天截止, 还有 3 天 */
function leftOf(days, last = t("今天截止")) {
  if (days === null) return "";
  if (days < 0) return t("已过 {days} 天", { days: -days });
  return days ? t("还有 {days} 天", { days }) : last;
}

function presentNeed(need) {
  const { name, href } = NEEDS[need.kind] ?? { name: need.title, href: caseOf };
  const about = need.submission ? need.title : "";
  return {
    ...need,
    key: `${need.kind} ${need.submission ?? need.mandate ?? ""}`,
    name,
    href: href(need),
    about: [need.person_name, about].filter(Boolean).join(" · "),
    left: leftOf(need.days_left),
  };
}

function daysOf({ valid_from, valid_until }) {
  return valid_until ? t("{valid_from} 至 {valid_until}", { valid_from: date(valid_from), valid_until: date(valid_until) }) : t("{valid_from} 起，长期有效", { valid_from: date(valid_from) });
}

function presentStanding(row) {
  const status = row.begun ? leftOf(row.days_left, t("今天到期")) || t("长期有效") : t("待生效");
  return {
    ...row,
    href: addressOf(row.kind, row.id),
    status,
    toneClass: row.begun ? "tone-good" : "tone-info",
    who: t("{person_name} · {insured_area_name}参保", { person_name: row.person_name, insured_area_name: row.insured_area_name }),
    when: daysOf(row),
  };
}

function presentUnderWay(row) {
  return {
    ...row,
    href: addressOf(row.kind, row.id),
    status: t("办理中"),
    toneClass: "tone-info",
    who: t("{person_name} · {insured_area_name}参保", { person_name: row.person_name, insured_area_name: row.insured_area_name }),
    when: countdown(row.due_at, row.due_provisional),
  };
}

async function readHome() {
  if (!Alpine.store("session").token) return;
  this.overview = await api.get("overview/");
}

export function homePage() {
  return {
    ...loads(readHome),
    overview: { needs: [], in_force: [], under_way: [] },
    all: false,
    get signedIn() {
      return Boolean(Alpine.store("session").token);
    },
    get needs() {
      return this.overview.needs.map(presentNeed);
    },
    get standing() {
      return this.overview.in_force.map(presentStanding);
    },
    get underWay() {
      return this.overview.under_way.map(presentUnderWay);
    },
    get groups() {
      const groups = [
        { title: t("生效中"), rows: this.all ? this.standing : this.standing.slice(0, SHOWN) },
        { title: t("办理中"), rows: this.underWay },
      ];
      return groups.filter(({ rows }) => rows.length);
    },
    get hidden() {
      return this.all ? 0 : Math.max(0, this.standing.length - SHOWN);
    },
    get more() {
      return t("还有 {hidden} 项生效中，全部显示", { hidden: this.hidden });
    },
    showAll() {
      this.all = true;
    },
    /** A case that waits for its correction is under way as well. */
    get nothing() {
      return this.overview.bound && !this.groups.length && !this.needs.some(({ submission }) => submission);
    },
  };
}
