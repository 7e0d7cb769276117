/** Change of an approved filing: a successor, kept as a draft first, so that its form, documents and checks are the same. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api } from "../lib/api.js";
import { draftFrom } from "./continuing.js";
import { present } from "../lib/filings.js";
import { acts, loads } from "../lib/page.js";
import { go } from "../lib/router.js";

async function readFiling() {
  this.filing = present(await api.get(`filings/${Alpine.store("route").params.id}/`));
  this.endsOn = this.filing.valid_until ?? "";
}

export function changePage() {
  return {
    ...loads(readFiling),
    ...acts(),
    filing: null,
    destination: null,
    endsOn: "",
    get endMoved() {
      return this.endsOn !== (this.filing.valid_until ?? "");
    },
    get changed() {
      return Boolean(this.destination || this.endMoved);
    },
    async pick() {
      this.destination = (await Alpine.store("areas").open()) ?? this.destination;
    },
    send() {
      return this.act(async () => {
        const { id, version } = this.filing;
        const fields = {
          ...(this.destination && { destination: this.destination.code }),
          ...(this.endMoved && { ends_on: this.endsOn || null }),
        };
        const successor = await api.post(`filings/${id}/change/`, { ...fields, draft: true }, { version });
        Alpine.store("draft").start(await draftFrom(successor));
        go("#/file/form", { replace: true });
      });
    },
  };
}
