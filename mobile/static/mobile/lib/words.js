/** The field's codes in the words people know; the shell brings the tables from the server's models. */

/** @type {Object<string, Object<string, string>>} */
const tables = JSON.parse(document.getElementById("words").textContent);

/** @param {string} table  @param {string} code  @returns {string} the code itself when nobody knows it */
export const word = (table, code) => tables[table][code] ?? code ?? "";

/** @returns {Object<string, string>} */
export const table = (name) => tables[name];

/** @returns {{code: string, name: string}[]} a table as what can be chosen from */
export const choices = (name) => Object.entries(tables[name]).map(([code, word]) => ({ code, name: word }));

/** @returns {string} 异地长期居住人员 → 异地长期居住 */
export const typeName = (code) => word("type", code).replace(/(就医)?人员$/, "");

/** @returns {string} 城乡居民基本医疗保险 → 居民医保 */
export const insuranceName = (code) => word("insurance", code).replace("城乡", "").replace("基本医疗保险", "医保");

export const TYPE_EXPLANATIONS = {
  retiree: "退休后定居外地，户籍也已迁入当地",
  resident: "长期在外地居住，例如随子女生活",
  worker: "由单位派驻外地，或长期在外地工作",
  referral: "参保地定点医院开具转诊证明，转往外地治疗",
  emergency: "在外地突发急病，需要急诊抢救",
  other: "出差、旅游、探亲等临时外出，或自行前往外地就医",
};

/** The colour of a status's label. */
export const STATUS_TONES = { submitted: "info", returned: "warn", approved: "good", rejected: "bad", revoked: "bad" };

export const COMMITMENT_TONES = { open: "warn", met: "good", broken: "bad" };

export const LANES = {
  instant: { name: "自助开通", text: "提交后即时生效" },
  review: { name: "人工审核", text: "2 个工作日内办结" },
};

const FIELDS = {
  destination: "就医地",
  type: "备案类型",
  starts_on: "开始日期",
  ends_on: "结束日期",
  contact_name: "联系人",
  contact_phone: "联系电话",
  address: "就医地住址",
  materials: "证明材料",
  commitment: "个人承诺",
  institutions: "医疗机构",
  disease: "病种",
  diagnosed_on: "确诊日期",
  diagnosing_institution: "确诊医疗机构",
};

/** @returns {string} a field or document that is marked for correction */
export const fieldName = (name) => FIELDS[name] ?? word("document", name);
