/** The proofs (承诺补充材料) that meet a filing's commitment; one that was returned for correction is mended and sent again. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api, rows } from "../lib/api.js";
import { filesFrom, uploads } from "../lib/documents.js";
import { completes } from "../lib/fields.js";
import { go, leave, loads, toast } from "../lib/lazy-pages.js";
import { t } from "../lib/parts.js";
import { countdown, date } from "../lib/words.js";

/** @returns {Promise<?object>} the newest proof of this filing */
export async function latestProof(filing) {
  const proofs = rows(await api.get("proofs/", { enrollment: filing.enrollment }));
  return proofs.find((proof) => proof.filing === filing.id) ?? null;
}

/** @returns {string} what there is to say of it; nothing once it is settled */
export function proofSentence(proof) {
  if (proof.status === "submitted") return t("补交的材料审核中，{due_provisional}", { due_provisional: countdown(proof.due_at, proof.due_provisional) });
  if (proof.status === "returned") return t("补交的材料需要重新提交：{reason}", { reason: proof.decision.reason });
  if (proof.status === "rejected") return t("补交的材料未通过：{reason}", { reason: proof.decision.reason });
  return "";
}

async function readFiling() {
  this.filing = await api.get(`filings/${Alpine.store("route").params.id}/`);
  const proof = await latestProof(this.filing);
  this.proof = proof?.status === "returned" ? await api.get(`proofs/${proof.id}/`) : null;
  this.files = this.proof ? filesFrom(this.proof.materials) : [];
}

function proofPage() {
  return {
    ...loads(readFiling),
    ...uploads(),
    ...completes(function unsaid() {
      return this.sentFiles(this.documents).length ? {} : { materials: t("请先上传{label}。", { label: this.filing.commitment.label }) };
    }),
    filing: null,
    proof: null,
    files: [],
    marks: [],
    get documents() {
      const { kind, label } = this.filing.commitment;
      return [{ kind, label, required: true, alternatives: [] }];
    },
    get explanation() {
      if (this.proof) return t("请重新提交：{reason}", { reason: this.proof.decision.reason });
      const { due_on } = this.filing.commitment;
      return t("{due_on}审核期间，备案照常有效。", { due_on: due_on ? t("请在 {due_on} 前补交。", { due_on: date(due_on) }) : "" });
    },
    send() {
      if (!this.complete()) return null;
      return this.act(async () => {
        await this.hand(this.sentFiles(this.documents));
        toast(t("已提交，等待审核"));
        go(`#/records/${this.filing.id}`, { replace: true });
      });
    },
    async hand(materials) {
      if (!this.proof) return api.post("proofs/", { filing: this.filing.id, materials });
      const { id, version } = this.proof;
      const mended = await api.patch(`proofs/${id}/`, { materials }, { version });
      return api.post(`proofs/${id}/resubmit/`, {}, { version: mended.version });
    },
  };
}

/** A message about a proof opens the filing that it is for. */
async function openFiling() {
  const { filing } = await api.get(`proofs/${Alpine.store("route").params.id}/`);
  return leave(`#/records/${filing}`);
}

const proofOfPage = () => loads(openFiling);

export const pages = { proofPage, proofOfPage };
