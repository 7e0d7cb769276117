/** Step 1, 选择: where care will be, and as what one files; the options explain themselves. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api } from "../lib/api.js";
import { provinceOf } from "../lib/areas.js";
import { presentOption } from "../lib/options.js";
import { loads } from "../lib/page.js";
import { date } from "../lib/format.js";
import { word } from "../lib/words.js";

const RULES = {
  city: "这里按城市备案：备案到城市后，该市所有联网定点医院都能直接结算。",
  province: "这里全省（市）统筹：备案到这一级后，区域内所有联网定点医院都能直接结算。",
};

/** The answer stays in the draft, so that the next steps have its documents and its notice. */
async function readOptions() {
  if (!this.draft.destination) return;
  this.draft.options = await this.ask();
  if (this.draft.options.destination_rule === "province" && this.draft.destination.level !== "province") {
    this.draft.destination = await provinceOf(this.draft.destination);
    this.draft.options = await this.ask();
  }
  const types = this.draft.options.options.filter((option) => option.open).map((option) => option.type);
  if (!types.includes(this.draft.type)) this.draft.type = types.length === 1 ? types[0] : "";
}

export function fileSelectPage() {
  return {
    ...loads(readOptions),
    get draft() {
      return Alpine.store("draft").data;
    },
    ask() {
      const { enrollment, destination } = this.draft;
      return api.get("filing-options/", { enrollment: enrollment.id, destination: destination.code });
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
      return (this.draft.options?.options ?? []).map((option) => presentOption(option, this.draft.options.dual_benefit));
    },
    /** What needs no filing here. */
    get free() {
      const { deemed = [], exempt = [] } = this.draft.options ?? {};
      const cares = exempt.map(({ label, until }) => (until ? `${label}（至 ${date(until)}）` : label));
      return [...(cares.length ? [`免备案：${cares.join("、")}。`] : []), ...deemed.map((each) => each.text)];
    },
    get ready() {
      return this.state === "ready" && this.needed && Boolean(this.draft.type);
    },
    get next() {
      if (!this.draft.destination) return "请先选择就医地";
      if (this.state !== "ready") return "正在查询…";
      if (!this.needed) return "不需要备案";
      return this.draft.type ? "开始备案" : "请选择备案类型";
    },
    async pick() {
      const area = await Alpine.store("areas").open();
      if (!area) return;
      Object.assign(this.draft, { destination: area, options: null, type: "", noticeRead: "" });
      await this.reload();
    },
    /** The link is a real link; it leads on only when the choice is complete. */
    stop(event) {
      if (!this.ready) event.preventDefault();
    },
  };
}
