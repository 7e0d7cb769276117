/** How many messages are unread, for the badge on the tab. */

import { api } from "./api.js";

export const inboxStore = {
  unread: 0,
  get badge() {
    return this.unread > 99 ? "99+" : String(this.unread);
  },
  async load() {
    const { count } = await api.get("messages/", { unread: true, page_size: 1 });
    this.unread = count;
  },
  /** A badge is not worth an error. */
  refresh() {
    this.load().catch(() => {});
  },
};
