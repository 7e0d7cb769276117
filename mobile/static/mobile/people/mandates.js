/** Mandates in words, and what one decides about them (`people/mandate.html` shows one): with the family, and in 授权管理. */

import { api, rows } from "../lib/api.js";
import { acts, ask, toast } from "../lib/lazy-pages.js";
import { t } from "../lib/parts.js";
import { date, word } from "../lib/words.js";

const PROOFS = {
  code: t("凭参保登记手机的验证码"),
  approval: t("经本人在自己账户里同意"),
  register: t("参保登记里是监护人"),
  counter: t("凭经办窗口核验的证件"),
};
const STATES = {
  pending: { name: t("等待同意"), toneClass: "tone-warn" },
  active: { name: t("有效"), toneClass: "tone-good" },
  ended: { name: t("已结束"), toneClass: "tone-plain" },
};

const spanOf = ({ status, asked_at: asked, active_from: from, until, ended_at: ended }) => {
  if (status === "pending") return t("{day} 申请", { day: date(asked) });
  const last = ended ? t("，{day} 结束", { day: date(ended) }) : until ? t("，到 {day}（满 16 周岁）为止", { day: date(until) }) : t("，直到您收回");
  return from ? t("{from} 起{last}", { from: date(from), last }) : t("{day} 申请，没有生效", { day: date(asked) });
};

/** @returns {object} a mandate in words: whose, by what it is proved, from when */
const present = (mandate) => {
  const { mine, holder, person, relation, proof, status } = mandate;
  const name = person.name ?? t("待验证的参保人");
  return {
    id: mandate.id,
    actions: mandate.actions,
    mine,
    ended: status === "ended",
    ...STATES[status],
    state: STATES[status].name,
    title: relation === "self" ? t("{name}（本人）", { name }) : mine ? t("我替 {name} 办", { name }) : t("{name} 替我办", { name: holder }),
    lines: [relation === "self" ? "" : mine ? t("关系：{relation}", { relation: word("relation", relation) }) : t("关系：我是对方的{relation}", { relation: word("relation", relation) }), status === "pending" ? t("需要：{proof}", { proof: PROOFS[proof] }) : t("依据：{proof}", { proof: PROOFS[proof] }), spanOf(mandate)].filter(Boolean),
    guardian: proof === "register",
    mayApprove: mandate.actions.includes("approve"),
    mayEnd: mandate.actions.includes("revoke"),
    endLabel: status === "pending" ? (mine ? t("取消申请") : t("不同意")) : mine ? t("不再代办") : t("收回授权"),
  };
};

/** @returns {Promise<object[]>} mine over others, and those of others over me */
export const readMandates = async () => rows(await api.get("mandates/", { page_size: 100 })).map(present);

/** @returns {object} methods only, for pages that `reload` */
export function decidesMandates() {
  return {
    ...acts(),
    async approve(mandate) {
      const text = t("同意后，对方可以为您办理备案并查看进度。您可以随时收回。");
      if (await ask({ title: t("同意：{what}？", { what: mandate.title }), text, ok: t("同意") })) await this.decide(mandate, "approve", t("已同意"));
    },
    async end(mandate) {
      const text = mandate.mine ? t("以后不能再为其办理和查询；已办理的事项不受影响。") : t("对方以后不能再为您办理和查询；已办理的事项不受影响。");
      if (await ask({ title: t("{what}？", { what: mandate.endLabel }), text, ok: mandate.endLabel, danger: true })) await this.decide(mandate, "revoke", t("已结束"));
    },
    decide({ id }, verb, words) {
      return this.settle(() => api.post(`mandates/${id}/${verb}/`), words);
    },
    /** Do it, say so, and read the lists again. */
    async settle(work, words) {
      if (!(await this.act(work))) return;
      toast(words);
      await this.reload();
    },
  };
}
