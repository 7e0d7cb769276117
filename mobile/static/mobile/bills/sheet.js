/** What each amount of a statement (结算单) means, in one sentence, and where it stands on the sheet (RULES.md §5.1). */

import { t } from "../lib/parts.js";

const FUND = t("从起付线、比例报销之后仍由个人负担的钱里，再付的一部分。");

const MEANINGS = {
  total: t("医院收的全部费用，结算单上也写“发生额”。"),
  excluded: t("医保目录以外的项目，全部由个人付；结算单上也写“自费”“全额自费”。"),
  over_limit: t("价格超过医保支付限价的部分，由个人付。"),
  first_copay: t("乙类药品和项目先由个人付的一部分；结算单上也写“部分自负”，北京写“自付二”。"),
  scope: t("减去上面几项，剩下的才按医保政策计算。"),
  travel_first_pay: t("异地就医时，参保地规定先由个人付的一部分，余下的再算报销。"),
  eligible: t("真正进入报销计算的费用。"),
  beyond: t("超过年度封顶线、统筹基金不再支付的费用。"),
  deductible: t("医保开始付钱之前，先由个人付的门槛。"),
  payable: t("超过起付线、可以按比例报销的费用。"),
  band: t("这一段费用按这个比例报销。"),
  pooled: t("起付线以上的费用，由统筹基金按比例支付的钱。"),
  burden: t("政策范围内仍由个人负担的钱；北京的结算单写“自付一”。"),
  large_amount: t("超过统筹基金封顶线以后，由大额补助继续支付的钱。"),
  serious_illness: t("个人负担超过大病起付线以后，由大病保险再付的钱。"),
  assistance: t("医疗救助{FUND}", { FUND }),
  civil_servant: t("公务员补助{FUND}", { FUND }),
  enterprise: t("企业补充医疗保险{FUND}", { FUND }),
  fund: t("医保各项基金一共付的钱，由医院和医保结算，不用先垫付。"),
  own: t("费用总额减去基金支付，由个人承担。"),
  account: t("从参保人的医保个人账户里扣的钱。"),
  cash: t("自己实际付的现金（含手机支付）。"),
};

/** Where the bill was paid first and claimed afterwards. */
const CLAIMED = {
  fund: t("医保各项基金一共报销的钱，打到申请时填写的银行账户。"),
  cash: t("报销以后，最终由个人负担的现金。"),
};

const SECTIONS = [
  { title: t("费用是怎么构成的"), steps: ["total", "excluded", "over_limit", "first_copay", "scope"] },
  {
    title: t("医保付了多少"),
    steps: [
      "travel_first_pay", "eligible", "beyond", "deductible", "payable", "band", "pooled", "large_amount",
      "serious_illness", "assistance", "civil_servant", "enterprise", "fund",
    ],
  },
  { title: t("自己付了多少"), steps: ["own", "account", "cash"] },
];

/** These stand on every sheet; of the others, those that are not zero. */
const ALWAYS = new Set(["total", "scope", "deductible", "pooled", "fund", "own", "cash"]);
const SUMS = new Set(["total", "scope", "fund", "own"]);

/** The one band of a scale says the same as the pooled payment: they are one line, with the sum of the band. */
function folded(lines) {
  const bands = lines.filter(({ step }) => step === "band");
  const pooled = lines.find(({ step }) => step === "pooled");
  const paid = bands[0]?.formula.split(" = ").at(-1);
  if (bands.length !== 1 || !pooled?.formula.endsWith(paid)) return lines;
  const formula = pooled.formula.slice(0, -paid.length) + bands[0].formula;
  return lines.filter(({ step }) => step !== "band").map((line) => (line === pooled ? { ...line, formula } : line));
}

/**
 * @param {{lines: object[], channel: string}} bill  @param {(line: object, index: number) => object} present
 * @returns {{title: string, rows: object[]}[]} the lines in the sections of the sheet, each with what it means
 */
export function sheetOf({ lines, channel }, present) {
  const meanings = channel === "manual" ? { ...MEANINGS, ...CLAIMED } : MEANINGS;
  const rows = folded(lines)
    .filter(({ step, amount }) => Number(amount) || ALWAYS.has(step))
    .map((line, index) => ({ ...present(line, index), step: line.step, sum: SUMS.has(line.step), meaning: meanings[line.step] ?? "" }));
  return SECTIONS.map(({ title, steps }) => ({ title, rows: rows.filter(({ step }) => steps.includes(step)) }));
}
