/** Referrals hospitals issued for the people one acts for: the list, and one with its QR code and what it changes. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api, listing } from "../lib/api.js";
import { acts, loads } from "../lib/lazy-pages.js";
import { filledFacts, presentDetails } from "../lib/submissions.js";
import { countdown, date, toneOf, word } from "../lib/words.js";

const TO_ANY = "转往地区的定点医疗机构";

/** @returns {string} what matters now */
function whenOfReferral(referral) {
  if (referral.status === "submitted") return countdown(referral.due_at, referral.due_provisional);
  if (referral.status === "returned") return "医院正在补正，您无需办理";
  if (referral.status === "approved") return `有效期至 ${date(referral.valid_until)}`;
  return `${date(referral.issued_on)} 开具`;
}

/** @returns {object} the API's referral with what the pages show of it */
function present(referral) {
  const name = referral.status === "approved" ? "生效中" : word("status", referral.status);
  return {
    ...referral,
    status: name,
    toneClass: `tone-${toneOf(referral.status)}`,
    title: `${referral.destination_name} · 转诊`,
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
      const until = benefit.valid_until ? `，${date(benefit.valid_until)}前有效` : "";
      return {
        href: `#/records/${benefit.filing}`,
        text: `到${this.referral.destination_name}就医按“${benefit.travel_label}”直接结算${until}。`,
      };
    },
    get facts() {
      const { referral } = this;
      return filledFacts([
        { name: "受理编号", text: referral.number },
        { name: "参保人", text: referral.person_name },
        { name: "诊断", text: referral.diagnosis ? `${referral.diagnosis.name}（${referral.diagnosis.code}）` : "" },
        { name: "转诊原因", text: referral.reason_label },
        { name: "开具医院", text: referral.issuer.name },
        { name: "转往地区", text: referral.destination_name },
        { name: "接收医院", text: referral.receiver?.name ?? TO_ANY },
        { name: "医师", text: `${referral.doctor.name} ${referral.doctor.rank_label}` },
        { name: "开具日期", text: date(referral.issued_on) },
        { name: "有效期至", text: date(referral.valid_until) },
      ]);
    },
    get details() {
      return presentDetails(this.referral);
    },
    download() {
      return this.act(() => api.download(`referrals/${this.referral.id}/certificate.pdf`, `转诊证明-${this.referral.number}.pdf`));
    },
  };
}

export const pages = { referralsPage, referralPage };
