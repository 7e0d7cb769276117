/** The proofs (承诺补充材料) of a filing's commitment. */

import { api } from "../lib/api.js";
import { countdown } from "../lib/workdays.js";
import { rows } from "../lib/lists.js";

/** @returns {Promise<?object>} the newest proof of this filing */
export async function latestProof(filing) {
  const proofs = rows(await api.get("proofs/", { enrollment: filing.enrollment }));
  return proofs.find((proof) => proof.filing === filing.id) ?? null;
}

/** @returns {string} what there is to say of it; nothing once it is settled */
export function proofSentence(proof) {
  if (proof.status === "submitted") return `补交的材料审核中，${countdown(proof.due_at, proof.due_provisional)}`;
  if (proof.status === "returned") return `补交的材料需要重新提交：${proof.decision.reason}`;
  if (proof.status === "rejected") return `补交的材料未通过：${proof.decision.reason}`;
  return "";
}
