/** A filing as rows of name and text. */

import { validity } from "./filings.js";
import { date } from "./format.js";
import { insuranceName, typeName } from "./words.js";

const filled = (facts) => facts.filter((fact) => fact.text);

/** @returns {{name: string, text: string}[]} of the filing being written */
export function factsOf(draft) {
  const { form } = draft;
  const files = draft.files.length;
  return filled([
    { name: "参保人", text: draft.person.name },
    { name: "参保地", text: `${draft.enrollment.area_name} · ${insuranceName(draft.enrollment.insurance)}` },
    { name: "就医地", text: draft.destination.name },
    { name: "备案类型", text: typeName(draft.type) },
    { name: "有效期", text: validity({ ...form, type: draft.type }) },
    { name: "联系人", text: `${form.contact_name} ${form.contact_phone}` },
    { name: "就医地住址", text: form.address },
    { name: "选定医院", text: draft.hospitals.map((hospital) => hospital.name).join("、") },
    { name: "补办", text: draft.stay.hospital ? `${draft.stay.hospital.name}，${date(draft.stay.admitted_on)}入院` : "" },
    { name: "证明材料", text: draft.commitment ? `个人承诺，签名：${form.signed_name}` : files ? `${files} 个文件` : "不需要" },
  ]);
}

/** @returns {{name: string, text: string}[]} of a filing at the server, as `present` gives it */
export const factsOfRecord = (filing) =>
  filled([
    { name: "受理编号", text: filing.number },
    { name: "参保人", text: filing.person_name },
    { name: "参保地", text: filing.insured_area_name },
    { name: "就医地", text: filing.place },
    { name: "备案类型", text: typeName(filing.type) },
    { name: "有效期", text: filing.validity },
    { name: "联系人", text: [filing.contact_name, filing.contact_phone].filter(Boolean).join(" ") },
    { name: "就医地住址", text: filing.address },
  ]);
