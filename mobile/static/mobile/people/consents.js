/** 授权管理: whom I let act for me, for whom I act and by what, both to be ended; and what is mine: my data, my account. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api } from "../lib/api.js";
import { acts, ask, loads, toast } from "../lib/lazy-pages.js";
import { t } from "../lib/parts.js";
import { addressOf } from "../lib/words.js";
import { decidesMandates, readMandates } from "./mandates.js";

const GROUPS = [
  { title: t("谁可以替我办"), none: t("没有人可以替您办理。家人申请时，会在这里请您同意。"), has: (each) => !each.mine && !each.ended },
  { title: t("我可以替谁办"), none: t("您还没有绑定任何人。"), has: (each) => each.mine && !each.ended },
  { title: t("以前的授权"), none: "", has: (each) => each.ended },
];

function consentsPage() {
  return {
    ...loads(async function () {
      this.mandates = await readMandates();
    }),
    ...decidesMandates(),
    mandates: [],
    get groups() {
      const groups = GROUPS.map(({ title, none, has }) => ({ title, none, mandates: this.mandates.filter(has) }));
      return groups.filter(({ mandates, none }) => mandates.length || none);
    },
    get guardian() {
      return this.mandates.some((each) => each.guardian && !each.ended);
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
        Alpine.store("session").leave(t("账户已注销"));
      });
    },
  };
}

export const pages = { consentsPage, mydataPage };
