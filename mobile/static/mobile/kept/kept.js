/** What was kept on this phone, read without a network: the filings, and the referrals with the code a hospital scans. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { LASTS_MS, read } from "../lib/keeping.js";
import { LATER_MS, go, isWanted, loads, takeWanted } from "../lib/lazy-pages.js";
import { t } from "../lib/parts.js";
import { filledFacts } from "../lib/submissions.js";
import { ago, date, dateTime, presentFiling, toneOf, word } from "../lib/words.js";

function presentReferral(referral) {
  const { status } = referral;
  return {
    ...referral,
    status: status === "approved" ? t("生效中") : word("status", status),
    toneClass: `tone-${toneOf(status)}`,
    title: t("{place} · 转诊", { place: referral.destination_name }),
    who: `${referral.person_name} · ${referral.issuer}`,
    when: status === "approved" ? t("有效期至 {valid_until}", { valid_until: date(referral.valid_until) }) : t("{issued_on} 开具", { issued_on: date(referral.issued_on) }),
    href: `#/kept/${referral.id}`,
  };
}

const factsOf = (referral) =>
  filledFacts([
    { name: t("受理编号"), text: referral.number },
    { name: t("参保人"), text: referral.person_name },
    { name: t("开具医院"), text: referral.issuer },
    { name: t("转往地区"), text: referral.destination_name },
    { name: t("接收医院"), text: referral.receiver },
    { name: t("开具日期"), text: date(referral.issued_on) },
    { name: t("有效期至"), text: date(referral.valid_until) },
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
      const timer = setInterval(() => navigator.onLine && !document.hidden && this.goOn(), LATER_MS);
      gone.signal.addEventListener("abort", () => clearInterval(timer));
      window.addEventListener("online", () => this.goOn(), { signal: gone.signal });
      return page.init.call(this);
    },
    destroy() {
      gone.abort();
    },
    /** What is shown stays until the server really answers: browsers promise a network too early. */
    async goOn() {
      if (!isWanted()) return;
      const answered = await Alpine.store("clock").load().then(() => true, () => false);
      if (answered && !gone.signal.aborted) go(takeWanted(), { replace: true });
    },
    get seen() {
      const { at, seen } = this.kept;
      const until = new Date(new Date(seen).getTime() + LASTS_MS);
      return t("最后更新于 {seen}（{age}），保存到 {until}", { seen: dateTime(seen), age: ago(Date.now() - at), until: dateTime(until) });
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
