/** Step 1, 选择: where care will be, and as what one files; the options explain themselves. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api } from "../lib/api.js";
import { presentOption, words } from "../lib/options.js";
import { loads } from "../lib/page.js";
import { go } from "../lib/router.js";
import { word } from "../lib/words.js";

const RULES = {
  city: "这里按城市备案：备案到城市后，该市所有联网定点医院都能直接结算。",
  province: "这里全省（市）统筹：备案到这一级后，区域内所有联网定点医院都能直接结算。",
};

/** The answer stays in the draft, so that the next steps have its documents and its notice. */
async function readOptions() {
  const { enrollment, destination } = this.draft;
  if (!destination) return;
  this.draft.options = await api.get("filing-options/", { enrollment: enrollment.id, destination: destination.code });
  const types = this.draft.options.options.map((option) => option.type);
  if (!types.includes(this.draft.type)) this.draft.type = types.length === 1 ? types[0] : "";
}

export function fileSelectPage() {
  return {
    ...loads(readOptions),
    init() {
      return this.draft.enrollment ? this.reload() : go("#/file", { replace: true });
    },
    get draft() {
      return Alpine.store("draft").data;
    },
    get insurance() {
      return word("insurance", this.draft.enrollment.insurance);
    },
    get rule() {
      return this.draft.destination ? (RULES[this.draft.options?.destination_rule] ?? "") : "不用选医院，选到城市或省份即可。";
    },
    get needed() {
      return this.draft.options?.needed;
    },
    get options() {
      return (this.draft.options?.options ?? []).map(presentOption);
    },
    get deemed() {
      return (this.draft.options?.deemed ?? []).map(words);
    },
    get ready() {
      return this.state === "ready" && this.needed && Boolean(this.draft.type);
    },
    get next() {
      if (!this.draft.destination) return "请先选择就医地";
      return this.needed && !this.draft.type ? "请选择备案类型" : "开始备案";
    },
    async pick() {
      const area = await Alpine.store("areas").open();
      if (!area) return;
      Object.assign(this.draft, { destination: { code: area.code, name: area.name }, options: null, type: "", noticeRead: "" });
      await this.reload();
    },
    /** The link is a real link; it leads on only when the choice is complete. */
    stop(event) {
      if (!this.ready) event.preventDefault();
    },
  };
}
