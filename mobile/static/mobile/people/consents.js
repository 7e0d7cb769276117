/** 授权管理: whom I let act for me, for whom I act and by what, both to be ended; and what is mine: my data, my account. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api, forgetStored, rows } from "../lib/api.js";
import { acts, ask, go, loads, t, toast } from "../lib/lazy-pages.js";
import { addressOf, date, word } from "../lib/words.js";

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

const GROUPS = [
  { title: t("谁可以替我办"), none: t("没有人可以替您办理。家人申请时，会在这里请您同意。"), has: (each) => !each.mine && !each.ended },
  { title: t("我可以替谁办"), none: t("您还没有绑定任何人。"), has: (each) => each.mine && !each.ended },
  { title: t("以前的授权"), none: "", has: (each) => each.ended },
];

function consentsPage() {
  return {
    ...loads(async function () {
      this.mandates = rows(await api.get("mandates/", { page_size: 100 })).map(present);
    }),
    ...acts(),
    mandates: [],
    get groups() {
      const groups = GROUPS.map(({ title, none, has }) => ({ title, none, mandates: this.mandates.filter(has) }));
      return groups.filter(({ mandates, none }) => mandates.length || none);
    },
    get guardian() {
      return this.mandates.some((each) => each.guardian && !each.ended);
    },
    async approve(mandate) {
      const text = t("同意后，对方可以为您办理备案并查看进度。您可以随时收回。");
      if (await ask({ title: t("同意：{what}？", { what: mandate.title }), text, ok: t("同意") })) await this.settle(mandate, "approve", t("已同意"));
    },
    async end(mandate) {
      const text = mandate.mine ? t("以后不能再为其办理和查询；已办理的事项不受影响。") : t("对方以后不能再为您办理和查询；已办理的事项不受影响。");
      if (await ask({ title: t("{what}？", { what: mandate.endLabel }), text, ok: mandate.endLabel, danger: true })) await this.settle(mandate, "revoke", t("已结束"));
    },
    async settle({ id }, verb, words) {
      if (!(await this.act(() => api.post(`mandates/${id}/${verb}/`)))) return;
      toast(words);
      await this.reload();
    },
  };
}

/** Many photos on a slow network. */
const MINUTES = 600000;

const presentMatter = ({ kind, label, id, number, person_name: name, about, open }) => ({
  id,
  title: `${label} · ${name}`,
  about: about || number,
  open: open.join("；"),
  href: addressOf(kind, id),
});

/** All of one's data as one download; and closing the account, which first says what is still open. */
function mydataPage() {
  return {
    ...loads(async function () {
      const { matters } = await api.get("account/closing/");
      this.matters = matters.map(presentMatter);
    }),
    ...acts(),
    matters: [],
    known: false,
    get closingText() {
      return this.matters.length ? t("上面的事项不会因注销而取消，但您不能再查看和修改；同一微信以后登录是新的账户。") : t("没有未办完的事项。");
    },
    download() {
      return this.act(async () => {
        await api.download("account/export/", t("我的医保数据.zip"), MINUTES);
        toast(t("已下载，请妥善保管"));
      });
    },
    async close() {
      const text = t("账户信息、消息和全部授权会删除，不能恢复。依法应当保存的办理记录除外。");
      if (!(await ask({ title: t("注销账户？"), text, ok: t("注销"), danger: true }))) return;
      await this.act(async () => {
        await api.delete("account/");
        forgetStored();
        Alpine.store("session").clear();
        toast(t("账户已注销"));
        go("#/signin", { replace: true });
      });
    },
  };
}

export const pages = { consentsPage, mydataPage };
