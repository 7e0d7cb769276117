/** The proof that meets a commitment. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api } from "../lib/api.js";
import { uploads } from "../lib/documents.js";
import { date } from "../lib/format.js";
import { loads, toast } from "../lib/page.js";
import { go } from "../lib/router.js";

async function readFiling() {
  this.filing = await api.get(`filings/${Alpine.store("route").params.id}/`);
}

export function proofPage() {
  return {
    ...loads(readFiling),
    ...uploads(),
    filing: null,
    files: {},
    marks: [],
    get documents() {
      const { kind, label } = this.filing.commitment;
      return [{ kind, label: label ?? "承诺补交的材料", required: true }];
    },
    get explanation() {
      const { due_on } = this.filing.commitment;
      return `${due_on ? `请在 ${date(due_on)} 前补交。` : ""}审核期间，备案照常有效。`;
    },
    get ready() {
      return this.sentFiles(this.documents).length > 0;
    },
    send() {
      return this.act(async () => {
        await api.post("proofs/", { filing: this.filing.id, materials: this.sentFiles(this.documents) });
        toast("已提交，等待审核");
        go(`#/records/${this.filing.id}`, { replace: true });
      });
    },
  };
}
