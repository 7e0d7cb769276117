/** 授权管理: whom I let act for me, for whom I act and by what, both to be ended; and what is mine: my data, my account. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api, forgetStored, rows } from "../lib/api.js";
import { acts, ask, go, loads, toast } from "../lib/lazy-pages.js";
import { date, word } from "../lib/words.js";

const PROOFS = {
  code: "凭参保登记手机的验证码",
  approval: "经本人在自己账户里同意",
  register: "参保登记里是监护人",
  counter: "凭经办窗口核验的证件",
};
const STATES = {
  pending: { name: "等待同意", toneClass: "tone-warn" },
  active: { name: "有效", toneClass: "tone-good" },
  ended: { name: "已结束", toneClass: "tone-plain" },
};

const spanOf = ({ status, asked_at: asked, active_from: from, until, ended_at: ended }) => {
  if (status === "pending") return `${date(asked)} 申请`;
  const last = ended ? `，${date(ended)} 结束` : until ? `，到 ${date(until)}（满 16 周岁）为止` : "，直到您收回";
  return from ? `${date(from)} 起${last}` : `${date(asked)} 申请，没有生效`;
};

/** @returns {object} a mandate in words: whose, by what it is proved, from when */
const present = (mandate) => {
  const { mine, holder, person, relation, proof, status } = mandate;
  const name = person.name ?? "待验证的参保人";
  return {
    id: mandate.id,
    actions: mandate.actions,
    mine,
    ended: status === "ended",
    ...STATES[status],
    state: STATES[status].name,
    title: relation === "self" ? `${name}（本人）` : mine ? `我替 ${name} 办` : `${holder} 替我办`,
    lines: [relation === "self" ? "" : `关系：${mine ? word("relation", relation) : `我是对方的${word("relation", relation)}`}`, `${status === "pending" ? "需要" : "依据"}：${PROOFS[proof]}`, spanOf(mandate)].filter(Boolean),
    guardian: proof === "register",
    mayApprove: mandate.actions.includes("approve"),
    mayEnd: mandate.actions.includes("revoke"),
    endLabel: status === "pending" ? (mine ? "取消申请" : "不同意") : mine ? "不再代办" : "收回授权",
  };
};

const GROUPS = [
  { title: "谁可以替我办", none: "没有人可以替您办理。家人申请时，会在这里请您同意。", has: (each) => !each.mine && !each.ended },
  { title: "我可以替谁办", none: "您还没有绑定任何人。", has: (each) => each.mine && !each.ended },
  { title: "以前的授权", none: "", has: (each) => each.ended },
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
      const text = "同意后，对方可以为您办理备案并查看进度。您可以随时收回。";
      if (await ask({ title: `同意${mandate.title}？`, text, ok: "同意" })) await this.settle(mandate, "approve", "已同意");
    },
    async end(mandate) {
      const text = mandate.mine ? "以后不能再为其办理和查询；已办理的事项不受影响。" : "对方以后不能再为您办理和查询；已办理的事项不受影响。";
      if (await ask({ title: `${mandate.endLabel}？`, text, ok: mandate.endLabel, danger: true })) await this.settle(mandate, "revoke", "已结束");
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

const FOLDERS = { filing: "records", proof: "records", claim: "claims", recognition: "chronic", referral: "referrals" };

const presentMatter = ({ kind, label, id, number, person_name: name, about, open }) => ({
  id,
  title: `${label} · ${name}`,
  about: about || number,
  open: open.join("；"),
  href: kind === "proof" ? "#/records" : `#/${FOLDERS[kind]}/${id}`,
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
      return this.matters.length ? "上面的事项不会因注销而取消，但您不能再查看和修改；同一微信以后登录是新的账户。" : "没有未办完的事项。";
    },
    download() {
      return this.act(async () => {
        await api.download("account/export/", "我的医保数据.zip", MINUTES);
        toast("已下载，请妥善保管");
      });
    },
    async close() {
      const text = "账户信息、消息和全部授权会删除，不能恢复。依法应当保存的办理记录除外。";
      if (!(await ask({ title: "注销账户？", text, ok: "注销", danger: true }))) return;
      await this.act(async () => {
        await api.delete("account/");
        forgetStored();
        Alpine.store("session").clear();
        toast("账户已注销");
        go("#/signin", { replace: true });
      });
    },
  };
}

export const pages = { consentsPage, mydataPage };
