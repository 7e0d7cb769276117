/** My account: the inbox, signing out, closing it. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api, forgetStored, listing, rows } from "../lib/api.js";
import { hasUnsaved } from "../lib/drafts.js";
import { isOn, isPossible, turnOff, turnOn } from "../lib/keeping.js";
import { acts, ask, go, toast } from "../lib/lazy-pages.js";
import { dayTime } from "../lib/words.js";

/** What a message is about: a filing, unless its kind says otherwise. */
const FOLDERS = { settled: "bills", reversed: "bills", paid: "claims", revoked: "claims" };
const folderOf = (kind) => FOLDERS[kind] ?? (kind.startsWith("referral_") ? "referrals" : "records");

const present = (message) => ({
  ...message,
  read: Boolean(message.read_at),
  at: dayTime(message.created_at),
  href: message.submission ? `#/${folderOf(message.kind)}/${message.submission}` : "#/messages",
});

/** Opening a message marks it read and shows what it is about. */
function messagesPage() {
  return {
    ...listing("messages/", "messages", present),
    /** Reading must not wait for the server; a lost mark is made up next time. */
    read(message) {
      if (message.read) return;
      message.read = true;
      api.post(`messages/${message.id}/read/`).then(() => Alpine.store("inbox").refresh(), () => {});
    },
  };
}

const CLOSING = "注销后将删除您的账户信息，解除全部绑定，不能恢复。依法应当保存的备案记录除外。";

/** Who I am in the register, if I bound myself; without an answer the page stands all the same. */
async function readSelf() {
  const persons = rows(await api.get("persons/").catch(() => []));
  this.self = persons.find(({ relation, mandate }) => relation === "self" && mandate.status === "active") ?? null;
}

function mePage() {
  return {
    ...acts(),
    self: null,
    init: readSelf,
    keepable: isPossible(),
    kept: isOn(),
    /** Read without a network, by choice; turned off, it is erased at once. */
    async keep() {
      this.kept = !this.kept;
      if (!this.kept) return turnOff();
      if (await this.act(turnOn)) toast("已保存，没有网络时也能查看");
      return null;
    },
    get about() {
      return this.self ? `本人 ${this.self.name}，已验证` : "还没有绑定本人";
    },
    get nickname() {
      return Alpine.store("session").account?.nickname ?? "";
    },
    /** What the server has not yet would be lost with the phone's copy. */
    async signOut() {
      const question = { title: "还有内容没有保存", text: "有填写的内容或选好的文件还只在本机，退出后将被清除。", ok: "仍然退出", danger: true };
      if ((await hasUnsaved()) && !(await ask(question))) return;
      await this.act(() => Alpine.store("session").signOut());
    },
    async close() {
      if (!(await ask({ title: "注销账户？", text: CLOSING, ok: "注销", danger: true }))) return;
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

export const pages = { messagesPage, mePage };
