/** Home: what needs me first, what counts and for how long, what is under way; then the questions before a visit. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api } from "../lib/api.js";
import { loads } from "../lib/lazy-pages.js";
import { addressOf, countdown, date } from "../lib/words.js";

const SHOWN = 3;

/** How a need is headed, and where one does it. The order is the API's. */
const NEEDS = {
  bind: { name: "先绑定参保人", href: () => "#/family/add" },
  verify: { name: "请输入验证码", href: ({ person }) => `#/family/${person}` },
  correct: { name: "请补正", href: caseOf },
  consent: { name: "请答复代办申请", href: () => "#/family" },
  documents: { name: "请补交承诺的材料", href: (need) => `${caseOf(need)}/${need.submission_kind === "filing" ? "proof" : "renew"}` },
  account: { name: "请更正收款账户", href: caseOf },
  report: { name: "请报告急诊", href: caseOf },
  renew: { name: "请办理续期", href: (need) => `${caseOf(need)}/renew` },
  expiring: { name: "即将到期", href: caseOf },
  finish: { name: "还没有提交", href: caseOf },
};

function caseOf({ submission_kind, submission }) {
  return addressOf(submission_kind, submission);
}

/** @param {?number} days  @returns {string} 今天截止, 还有 3 天 */
function leftOf(days, last = "今天截止") {
  if (days === null) return "";
  if (days < 0) return `已过 ${-days} 天`;
  return days ? `还有 ${days} 天` : last;
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
  return valid_until ? `${date(valid_from)} 至 ${date(valid_until)}` : `${date(valid_from)} 起，长期有效`;
}

function presentStanding(row) {
  const status = row.begun ? leftOf(row.days_left, "今天到期") || "长期有效" : "待生效";
  return {
    ...row,
    href: addressOf(row.kind, row.id),
    status,
    toneClass: row.begun ? "tone-good" : "tone-info",
    who: `${row.person_name} · ${row.insured_area_name}参保`,
    when: daysOf(row),
  };
}

function presentUnderWay(row) {
  return {
    ...row,
    href: addressOf(row.kind, row.id),
    status: "办理中",
    toneClass: "tone-info",
    who: `${row.person_name} · ${row.insured_area_name}参保`,
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
        { title: "生效中", rows: this.all ? this.standing : this.standing.slice(0, SHOWN) },
        { title: "办理中", rows: this.underWay },
      ];
      return groups.filter(({ rows }) => rows.length);
    },
    get hidden() {
      return this.all ? 0 : Math.max(0, this.standing.length - SHOWN);
    },
    get more() {
      return `还有 ${this.hidden} 项生效中，全部显示`;
    },
    showAll() {
      this.all = true;
    },
    get nothing() {
      return this.overview.bound && !this.groups.length;
    },
  };
}
