/** The proofs (承诺补充材料) that meet a filing's commitment; one that was returned for correction is mended and sent again. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api, rows } from "../lib/api.js";
import { filesFrom, uploads } from "../lib/documents.js";
import { autosaves, discardDraft, isOpen, keepsCopy } from "../lib/drafts.js";
import { completes } from "../lib/fields.js";
import { go, leave, loads, toast } from "../lib/lazy-pages.js";
import { t } from "../lib/parts.js";
import { countdown, date } from "../lib/words.js";

/** @returns {Promise<object[]>} the proofs of this filing, the newest first */
export async function proofsOf(filing) {
  const proofs = rows(await api.get("proofs/", { enrollment: filing.enrollment }));
  return proofs.filter((proof) => proof.filing === filing.id);
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
  const open = (await proofsOf(this.filing)).find(isOpen);
  this.show(open ? await api.get(`proofs/${open.id}/`) : null);
  this.startSaving(await this.restore());
}

/** What is handed in is kept by the server as it is chosen. */
function proofPage() {
  return {
    ...loads(readFiling),
    ...uploads(),
    ...completes(function unsaid() {
      return this.sentFiles(this.documents).length ? {} : { materials: t("请先上传{label}。", { label: this.filing.commitment.label }) };
    }),
    ...autosaves(),
    ...keepsCopy("proof"),
    path: "proofs",
    filing: null,
    record: null,
    files: [],
    marks: [],
    show(record) {
      this.record = record;
      this.files = record ? filesFrom(record.materials) : [];
    },
    get copyKey() {
      return this.filing.id;
    },
    get contents() {
      return { files: this.files };
    },
    /** Of what was returned the papers are sent by handing it in alone. */
    get savable() {
      return this.record?.status !== "returned" && (Boolean(this.record) || this.readyFiles(this.documents).length > 0);
    },
    get written() {
      return JSON.stringify(this.body(true));
    },
    get documents() {
      if (!this.filing) return [];
      const { kind, label } = this.filing.commitment;
      return [{ kind, label, required: true, alternatives: [] }];
    },
    get explanation() {
      if (this.record?.status === "returned") return t("请重新提交：{reason}", { reason: this.record.decision.reason });
      const { due_on } = this.filing.commitment;
      return t("{due_on}审核期间，备案照常有效。", { due_on: due_on ? t("请在 {due_on} 前补交。", { due_on: date(due_on) }) : "" });
    },
    body(quiet) {
      return { materials: quiet ? this.readyFiles(this.documents) : this.sentFiles(this.documents) };
    },
    create(fields) {
      return api.post("proofs/", { ...fields, filing: this.filing.id, draft: true });
    },
    async reopen(record) {
      this.show(record);
      this._stored = this.written;
    },
    showRecord() {
      go(`#/records/${this.filing.id}`, { replace: true });
    },
    get discardable() {
      return this.record?.status === "draft";
    },
    discard() {
      return this.act(async () => {
        const gone = await this.inTurn(() => discardDraft({ ...this.record, title: t("补交的材料") }));
        if (!gone) return;
        this.handedIn();
        this.showRecord();
      });
    },
    send() {
      if (!this.complete()) return null;
      return this.act(async () => {
        this.record = await this.hand();
        this.handedIn();
        toast(t("已提交，等待审核"));
        this.showRecord();
      });
    },
    async hand() {
      await this.save();
      const { id, version, status } = this.record;
      const verb = status === "returned" ? "resubmit" : "submit";
      return api.post(`proofs/${id}/${verb}/`, {}, { version }).catch((error) => this.refused(error));
    },
  };
}

/** A message about a proof opens the filing that it is for; a draft, where one goes on with it. */
async function openFiling() {
  const { filing, status } = await api.get(`proofs/${Alpine.store("route").params.id}/`);
  return leave(`#/records/${filing}${status === "draft" ? "/proof" : ""}`);
}

const proofOfPage = () => loads(openFiling);

export const pages = { proofPage, proofOfPage };
