/** Step 4, 提交: what the automatic checks found, everything once more, then submit. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api } from "../lib/api.js";
import { presentChecks } from "../lib/checks.js";
import { factsOf } from "../lib/facts.js";
import { acts, loads } from "../lib/page.js";
import { go } from "../lib/router.js";
import { submitDraft } from "../lib/saving.js";
import { LANES } from "../lib/words.js";

const STALE = 412;

async function readDraft() {
  const { filing } = Alpine.store("draft").data;
  Alpine.store("draft").data.filing = await api.get(`filings/${filing.id}/`);
}

export function fileCheckPage() {
  return {
    ...loads(readDraft),
    ...acts(),
    get draft() {
      return Alpine.store("draft").data;
    },
    get checks() {
      return presentChecks(this.draft.filing?.checks);
    },
    get blocked() {
      return this.checks.some((check) => check.level === "error");
    },
    get facts() {
      return factsOf(this.draft);
    },
    get promise() {
      return (LANES[Alpine.store("draft").option?.lane] ?? LANES.review).text + "，结果会通过消息通知您。";
    },
    submit() {
      return this.act(async () => {
        const filing = await submitDraft().catch((error) => this.moved(error));
        go(`#/file/done/${filing.id}`, { replace: true });
      });
    },
    /** Someone else in the family changed the draft meanwhile: show what it is now, then let them submit again. */
    async moved(error) {
      if (error.status === STALE) await this.reload();
      throw error;
    },
  };
}
