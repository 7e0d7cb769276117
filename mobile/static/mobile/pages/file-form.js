/** Step 3, 填写与上传/承诺: the form is kept as it is typed; going on saves it as a draft, which also checks it. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { promisable, uploads } from "../lib/documents.js";
import { isoDay } from "../lib/format.js";
import { refuseErrors } from "../lib/checks.js";
import { saveDraft } from "../lib/saving.js";
import { go } from "../lib/router.js";
import { typeName } from "../lib/words.js";

const PROMISE = "本人承诺：所填信息真实有效，并在规定期限内补交上述材料。逾期未补交或内容不实的，备案将按参保地规定处理，今后一段时间不能再以承诺方式备案。";

export function fileFormPage() {
  return {
    ...uploads(),
    init() {
      this.draft.form.starts_on ||= isoDay(Alpine.store("clock").now);
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
      return `${this.option.validity.text}。结束日期可以不填。`;
    },
    get documents() {
      return this.option.documents;
    },
    get promisable() {
      return this.documents.find(promisable) ?? null;
    },
    /** A promised document need not be uploaded now. */
    get documentsNow() {
      return this.documents.filter((document) => document.required && document.kind !== this.draft.commitment);
    },
    get extras() {
      return this.documents.filter((document) => !document.required);
    },
    get promise() {
      return PROMISE;
    },
    get nextLabel() {
      if (this.uploading()) return "正在上传…";
      return this.busy ? "正在核对…" : "下一步：核对";
    },
    get hospitalHint() {
      return `参保地要求在就医地选定医院，最多 ${this.option.institutions} 家。`;
    },
    async addHospital() {
      const hospital = await this.askHospital();
      const known = this.draft.hospitals.map((each) => each.code);
      if (hospital && !known.includes(hospital.code)) this.draft.hospitals.push(hospital);
    },
    removeHospital(hospital) {
      this.draft.hospitals = this.draft.hospitals.filter((each) => each.code !== hospital.code);
    },
    /** 补办: the filing begins with the stay. */
    async pickStay() {
      this.draft.stay.hospital = (await this.askHospital()) ?? this.draft.stay.hospital;
    },
    noStay() {
      this.draft.stay = { hospital: null, admitted_on: "" };
    },
    askHospital() {
      return Alpine.store("hospitals").open(this.draft.destination.code);
    },
    next() {
      return this.act(async () => {
        await saveDraft(this.sentFiles([...this.documentsNow, ...this.extras]));
        refuseErrors(this.draft.filing.checks);
        go("#/file/check");
      });
    },
  };
}
