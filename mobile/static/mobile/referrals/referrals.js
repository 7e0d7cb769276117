/** Referrals hospitals issued for the people one acts for: the list, and one with its QR code and what it changes. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api } from "../lib/api.js";
import { acts, loads } from "../lib/lazy-pages.js";
import { listing } from "../lib/listing.js";
import { t } from "../lib/parts.js";
import { filledFacts, presentDetails } from "../lib/submissions.js";
import { countdown, date, toneOf, word } from "../lib/words.js";

const TO_ANY = t("转往地区的定点医疗机构");

/** @returns {string} what matters now */
function whenOfReferral(referral) {
  if (referral.status === "submitted") return countdown(referral.due_at, referral.due_provisional);
  if (referral.status === "returned") return t("医院正在补正，您无需办理");
  if (referral.status === "approved") return t("有效期至 {valid_until}", { valid_until: date(referral.valid_until) });
  return t("{issued_on} 开具", { issued_on: date(referral.issued_on) });
}

/** @returns {object} the API's referral with what the pages show of it */
function present(referral) {
  const name = referral.status === "approved" ? t("生效中") : word("status", referral.status);
  return {
    ...referral,
    status: name,
    toneClass: `tone-${toneOf(referral.status)}`,
    title: t("{destination_name} · 转诊", { destination_name: referral.destination_name }),
    who: `${referral.person_name} · ${referral.issuer.name}`,
    when: whenOfReferral(referral),
    href: `#/referrals/${referral.id}`,
  };
}

function referralsPage() {
  return { ...listing("referrals/", "referrals", present) };
}

async function readReferral() {
  this.referral = await api.get(`referrals/${Alpine.store("route").params.id}/`);
}

function referralPage() {
  return {
    ...loads(readReferral),
    ...acts(),
    referral: null,
    get shown() {
      return present(this.referral);
    },
    get qr() {
      return this.referral.qr_svg ? `data:image/svg+xml;utf8,${encodeURIComponent(this.referral.qr_svg)}` : "";
    },
    get benefit() {
      const { benefit } = this.referral;
      if (!benefit) return null;
      const until = benefit.valid_until ? t("，{valid_until}前有效", { valid_until: date(benefit.valid_until) }) : "";
      return {
        href: `#/records/${benefit.filing}`,
        text: t("到{destination_name}就医按“{travel_label}”直接结算{until}。", { destination_name: this.referral.destination_name, travel_label: benefit.travel_label, until }),
      };
    },
    get facts() {
      const { referral } = this;
      return filledFacts([
        { name: t("受理编号"), text: referral.number },
        { name: t("参保人"), text: referral.person_name },
        { name: t("诊断"), text: referral.diagnosis ? `${referral.diagnosis.name}（${referral.diagnosis.code}）` : "" },
        { name: t("转诊原因"), text: referral.reason_label },
        { name: t("开具医院"), text: referral.issuer.name },
        { name: t("转往地区"), text: referral.destination_name },
        { name: t("接收医院"), text: referral.receiver?.name ?? TO_ANY },
        { name: t("医师"), text: `${referral.doctor.name} ${referral.doctor.rank_label}` },
        { name: t("开具日期"), text: date(referral.issued_on) },
        { name: t("有效期至"), text: date(referral.valid_until) },
      ]);
    },
    get details() {
      return presentDetails(this.referral);
    },
    download() {
      return this.act(() => api.download(`referrals/${this.referral.id}/certificate.pdf`, t("转诊证明-{number}.pdf", { number: this.referral.number })));
    },
  };
}

export const pages = { referralsPage, referralPage };
