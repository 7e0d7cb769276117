/** The components of the pages that few open first: a filing's detail and change, before a visit, the insurance code, bills, chronic diseases, claims, referrals, proofs; they arrive after the first page (lib/arriving.js). */

import { billPage } from "../bills/bill.js";
import { billList, billsPage } from "../bills/bills.js";
import { changePage } from "./change.js";
import { chronicFormPage } from "./chronic-form.js";
import { chronicPrintPage } from "./chronic-print.js";
import { chronicPage } from "./chronic.js";
import { claimFormPage } from "./claim-form.js";
import { claimPage } from "./claim.js";
import { claimsPage } from "./claims-list.js";
import { codeCard, codePage } from "./code.js";
import { directAnswer, directPage } from "./direct.js";
import { estimateResultPage } from "./estimate-result.js";
import { estimatePage } from "./estimate.js";
import { proofPage } from "./proof.js";
import { recognitionPage } from "./recognition.js";
import { recordPage } from "./record.js";
import { referralPage, referralsPage } from "./referrals.js";

export const pages = {
  recordPage,
  changePage,
  directPage,
  directAnswer,
  codePage,
  codeCard,
  billsPage,
  billList,
  billPage,
  estimatePage,
  estimateResultPage,
  chronicPage,
  chronicFormPage,
  chronicPrintPage,
  proofPage,
  recognitionPage,
  claimsPage,
  claimPage,
  claimFormPage,
  referralsPage,
  referralPage,
};
