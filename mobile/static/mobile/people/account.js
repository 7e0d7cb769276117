/** My account: the inbox, and signing out. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api, rows } from "../lib/api.js";
import { hasUnsaved } from "../lib/drafts.js";
import { isOn, isPossible, turnOff, turnOn } from "../lib/keeping.js";
import { acts, ask, toast } from "../lib/lazy-pages.js";
import { listing } from "../lib/listing.js";
import { t } from "../lib/parts.js";
import { hasUnsent } from "../lib/unsent.js";
import { addressOf, dayTime } from "../lib/words.js";

/** Where one acts on a message: the matter it is about; what concerns mandates, with the family. */
function addressOfMessage({ kind, submission, submission_kind }) {
  if (submission) return addressOf(submission_kind, submission);
  return kind.startsWith("mandate") || kind === "agent_filed" ? "#/family" : "";
}

const present = (message) => ({
  ...message,
  read: Boolean(message.read_at),
  at: dayTime(message.created_at),
  why: message.reason ? t("原因：{reason}", { reason: message.reason }) : "",
  href: addressOfMessage(message) || "#/messages",
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
      if (await this.act(turnOn)) toast(t("已保存，没有网络时也能查看"));
      return null;
    },
    get about() {
      return this.self ? t("本人 {name}，已验证", { name: this.self.name }) : t("还没有绑定本人");
    },
    get nickname() {
      return Alpine.store("session").account?.nickname ?? "";
    },
    /** What the server has not yet would be lost with the phone's copy. */
    async signOut() {
      const question = { title: t("还有内容没有保存"), text: t("有填写的内容或选好的文件还只在本机，退出后将被清除。"), ok: t("仍然退出"), danger: true };
      const unsaved = (await hasUnsaved()) || (await hasUnsent());
      if (unsaved && !(await ask(question))) return;
      await this.act(() => Alpine.store("session").signOut());
    },
  };
}

export const pages = { messagesPage, mePage };
