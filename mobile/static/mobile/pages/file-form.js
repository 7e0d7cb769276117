/** Step 3, 填写与上传/承诺: the form is kept as it is typed; going on saves it as a draft, which also checks it. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { uploads } from "../lib/documents.js";
import { LONG_TERM } from "../lib/filings.js";
import { date, isoDay } from "../lib/format.js";
import { words } from "../lib/options.js";
import { saveDraft } from "../lib/saving.js";
import { go } from "../lib/router.js";
import { typeName } from "../lib/words.js";

const PROMISE = "本人承诺：所填信息真实有效，并在规定期限内补交上述材料。逾期未补交或内容不实的，备案将按参保地规定处理，今后一段时间不能再以承诺方式备案。";

export function fileFormPage() {
  return {
    ...uploads(),
    init() {
      if (!this.option) return go("#/file", { replace: true });
      this.draft.form.starts_on ||= isoDay(Alpine.store("clock").now);
      this.draft.form.ends_on ||= this.option.validity?.until ?? "";
    },
    get draft() {
      return Alpine.store("draft").data;
    },
    get option() {
      return Alpine.store("draft").option;
    },
    get files() {
      return this.draft.files;
    },
    get marks() {
      return this.draft.marks;
    },
    get title() {
      return `${this.draft.destination.name} · ${typeName(this.draft.type)}`;
    },
    get dates() {
      if (this.draft.form.ends_on) return `有效期 ${date(this.draft.form.starts_on)} 至 ${date(this.draft.form.ends_on)}`;
      return LONG_TERM.has(this.draft.type) ? "不填结束日期则长期有效。" : words(this.option.validity);
    },
    get documents() {
      return this.option.documents;
    },
    get promisable() {
      return this.documents.find((document) => document.alternatives?.includes("commitment")) ?? null;
    },
    /** A promised document need not be uploaded now. */
    get documentsNow() {
      return this.documents.filter((document) => !this.draft.commitment || !document.alternatives?.includes("commitment"));
    },
    get promise() {
      return PROMISE;
    },
    get nextLabel() {
      if (this.uploading()) return "正在上传…";
      return this.busy ? "正在核对…" : "下一步：核对";
    },
    next() {
      return this.act(async () => {
        await saveDraft(this.sentFiles(this.documentsNow));
        go("#/file/check");
      });
    },
  };
}
