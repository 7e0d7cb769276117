/** 能报多少, the answer: each way of going as a bar, the best of them, and what it takes to get there. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { barsOf, estimate, legendOf, questionOf } from "./estimates.js";
import { date, money } from "../lib/format.js";
import { acts, loads } from "../lib/page.js";
import { asksVisit, chosenOf, fileFor } from "../lib/visit.js";
import { insuranceName, word } from "../lib/words.js";

async function readResult() {
  await this.readChoices({ nobody: true });
  this.answer = await estimate(questionOf(this.visit));
  this.bars = barsOf(this.answer);
}

const moreBy = (saves) => (Number(saves) > 0 ? `，比不备案多报 ${money(saves)} 元` : "");

export function estimateResultPage() {
  return {
    ...loads(readResult),
    ...acts(),
    ...asksVisit(),
    answer: null,
    bars: [],
    get visit() {
      return Alpine.store("visit").data;
    },
    get legend() {
      return legendOf(this.bars);
    },
    get asked() {
      const { insured, hospital, level, care } = this.visit;
      const unbound = `${insured.area?.name} · ${insuranceName(insured.insurance)}（${word("category", insured.category)}）`;
      const total = this.bars.find((bar) => bar.total)?.total;
      const what = [hospital?.name ?? word("level", level), word("care", care), total && `共 ${total} 元`];
      return { who: chosenOf(this)?.label ?? unbound, what: what.filter(Boolean).join(" · ") };
    },
    get verdict() {
      const { best } = this.answer;
      const bar = this.bars.find((each) => each.best);
      if (!bar?.fund) return { toneClass: "tone-warn", title: "没有能报销的情形", text: "原因见下面每一种情形。", how: "", other: "" };
      return {
        toneClass: "tone-good",
        title: `最多报 ${bar.fund} 元`,
        text: `按“${bar.label}”${moreBy(best.saves)}。`,
        how: best.takes,
        other: this.shortStay,
      };
    },
    /** The best way may be for those who live there; a traveller's best is another. */
    get shortStay() {
      if (!this.answer.best.lasting) return "";
      const short = this.answer.ways.filter((each) => !each.lasting && each.travel !== "unfiled");
      const way = short.find((each) => each.direct);
      const bar = way && this.bars.find((each) => each.travel === way.travel);
      if (bar?.fund) return `不在当地长住的，按“${bar.label}”报 ${bar.fund} 元：${way.takes}`;
      return short.length ? "不在当地长住的，没有查到备案后报多少，请就医前询问参保地经办机构或12393。" : "";
    },
    get files() {
      return Boolean(chosenOf(this) && this.visit.place && this.answer.best?.types.length);
    },
    get basis() {
      const { policy, on, recorded } = this.answer;
      return `按${policy.name}在${date(on)}的政策估算${recorded ? "，已计入今年结算过的费用" : ""}，实际以结算为准。`;
    },
    file() {
      const { types } = this.answer.best;
      return this.act(() => fileFor(this, { type: types[0].type }));
    },
  };
}
