/** What was kept on this phone, read without a network: the filings, and the referrals with the code a hospital scans. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { read } from "../lib/keeping.js";
import { go, loads, takeWanted } from "../lib/lazy-pages.js";
import { filledFacts } from "../lib/submissions.js";
import { date, dateTime, presentFiling, toneOf, word } from "../lib/words.js";

const WEEK_MS = 7 * 86400000;

function presentReferral(referral) {
  const { status } = referral;
  return {
    ...referral,
    status: status === "approved" ? "生效中" : word("status", status),
    toneClass: `tone-${toneOf(status)}`,
    title: `${referral.destination_name} · 转诊`,
    who: `${referral.person_name} · ${referral.issuer}`,
    when: status === "approved" ? `有效期至 ${date(referral.valid_until)}` : `${date(referral.issued_on)} 开具`,
    href: `#/kept/${referral.id}`,
  };
}

const factsOf = (referral) =>
  filledFacts([
    { name: "受理编号", text: referral.number },
    { name: "参保人", text: referral.person_name },
    { name: "开具医院", text: referral.issuer },
    { name: "转往地区", text: referral.destination_name },
    { name: "接收医院", text: referral.receiver },
    { name: "开具日期", text: date(referral.issued_on) },
    { name: "有效期至", text: date(referral.valid_until) },
  ]);

async function readKept() {
  this.kept = await read();
}

/** What both pages have: when it was seen, until when it stays; and the way back to the living page once there is a network. */
function keptPage() {
  const gone = new AbortController();
  const page = loads(readKept);
  return {
    ...page,
    kept: null,
    init() {
      window.addEventListener("online", () => this.goOn(), { signal: gone.signal });
      return page.init.call(this);
    },
    destroy() {
      gone.abort();
    },
    goOn() {
      const wanted = takeWanted();
      if (wanted) go(wanted, { replace: true });
    },
    get seen() {
      return `最后更新于 ${dateTime(this.kept.seen)}，保存到 ${dateTime(new Date(new Date(this.kept.seen).getTime() + WEEK_MS))}`;
    },
    get filings() {
      return this.kept.filings.map(presentFiling);
    },
    get referrals() {
      return this.kept.referrals.map(presentReferral);
    },
    get referral() {
      const { id } = Alpine.store("route").params;
      return this.referrals.find((each) => each.id === id) ?? null;
    },
    get found() {
      return this.kept ? this.referral : null;
    },
    get qr() {
      return this.referral.qr_svg ? `data:image/svg+xml;utf8,${encodeURIComponent(this.referral.qr_svg)}` : "";
    },
    get facts() {
      return factsOf(this.referral);
    },
  };
}

export const pages = { keptPage };
