/** The inbox: opening a message marks it read and shows what it is about. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api } from "../lib/api.js";
import { dayTime } from "../lib/format.js";
import { listing } from "../lib/lists.js";

/** What a message is about: a filing, unless its kind says otherwise. */
const FOLDERS = { settled: "bills", reversed: "bills", paid: "claims", revoked: "claims" };
const folderOf = (kind) => FOLDERS[kind] ?? (kind.startsWith("referral_") ? "referrals" : "records");

const present = (message) => ({
  ...message,
  read: Boolean(message.read_at),
  at: dayTime(message.created_at),
  href: message.submission ? `#/${folderOf(message.kind)}/${message.submission}` : "#/messages",
});

export function messagesPage() {
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
