/** Step 2, 告知书: read and ticked; the version that was shown is the one that is sent. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { go } from "../lib/router.js";

export function fileNoticePage() {
  return {
    read: false,
    init() {
      this.read = this.draft.noticeRead === this.notice.id;
    },
    get draft() {
      return Alpine.store("draft").data;
    },
    get notice() {
      return Alpine.store("draft").option.notice;
    },
    get version() {
      return `${this.draft.enrollment.area_name} · 第 ${this.notice.version} 版`;
    },
    begin() {
      this.draft.noticeRead = this.notice.id;
      go("#/file/form");
    },
  };
}
