/** Family: whom I may act for and who may act for me; binding someone, and the code that proves it. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { beginFiling } from "../filings/draft.js";
import { api, rows } from "../lib/api.js";
import { completes } from "../lib/fields.js";
import { acts, ask, go, loads, t, toast } from "../lib/lazy-pages.js";
import { digits, idNumberProblem, identity, personName } from "../lib/text.js";
import { table } from "../lib/words.js";
import { presentMandate, presentPerson, selfFirst } from "./persons.js";

const LIMIT = 6;

async function readFamily() {
  const [persons, mandates] = await Promise.all([api.get("persons/"), api.get("mandates/")]);
  this.persons = selfFirst(rows(persons)).map(presentPerson);
  this.others = rows(mandates).filter((mandate) => !mandate.mine && mandate.status !== "ended").map(presentMandate);
}

function familyPage() {
  return {
    ...loads(readFamily),
    ...acts(),
    limit: LIMIT,
    persons: [],
    others: [],
    file(person) {
      if (person.enrollments.length !== 1) return go("#/file");
      return beginFiling({ person: { id: person.id, name: person.name }, enrollment: person.enrollments[0] });
    },
    async end(person) {
      const text = t("解除后不能再为其备案和查询；已办理的备案不受影响。");
      if (!(await ask({ title: `${person.endLabel}：${person.title}`, text, ok: person.endLabel, danger: true }))) return;
      await this.settle(() => api.delete(`persons/${person.id}/`), t("已解除"));
    },
    async approve(mandate) {
      const text = t("同意后，对方可以为您办理备案并查看进度。您可以随时解除。");
      if (!(await ask({ title: mandate.question, text, ok: t("同意") }))) return;
      await this.settle(() => api.post(`mandates/${mandate.id}/approve/`), t("已同意"));
    },
    async revoke(mandate) {
      const text = t("对方将不能为您办理备案；已办理的备案不受影响。");
      if (!(await ask({ title: mandate.pending ? t("不同意这个申请？") : t("解除这个授权？"), text, ok: t("确定"), danger: true }))) return;
      await this.settle(() => api.post(`mandates/${mandate.id}/revoke/`), t("已解除"));
    },
    /** Do it, say so, and read the lists again. */
    async settle(work, words) {
      if (!(await this.act(work))) return;
      toast(words);
      await this.reload();
    },
  };
}

const EXPLANATIONS = {
  self: t("绑定本人需要验证码，会发到您参保登记的手机。"),
  child: t("未满 16 周岁的子女，参保登记里您是监护人时立即生效；不是监护人的，双方带身份证件或户口簿到经办窗口核验；已成年的子女需在其本人账户里同意。"),
};
const BY_APPROVAL = t("提交后，请家人登录自己的账户，在“家庭成员”里同意。");

const AFTERWARDS = { approval: t("已提交，等家人同意"), register: t("已提交"), counter: t("已提交，请双方带证件到经办窗口") };

/** What the number of each kind of certificate looks like. */
const FORMS = {
  id_card: t("18 位身份证号"),
  residence_permit: t("81、82、83 开头的 18 位"),
  foreigner: t("9 开头的 18 位，或旧版 15 位"),
  passport: t("护照首页右上角的号码"),
  travel_permit: t("H 或 M 加 8 位数字，台湾居民 8 位数字"),
  birth: t("1 位字母加 9 位数字"),
};
const KIND_HINTS = { birth: t("还没有身份证号码的新生儿：请先在本账户绑定母亲。") };

/** What has to be said of whom to bind. */
function unsaid() {
  const { name, kind, country, id_number, consent } = this.form;
  const number = kind === "id_card" ? idNumberProblem(id_number) : !identity(id_number) && t("请填写证件号码。");
  return {
    ...(!personName(name) && { name: t("请填写姓名，与参保登记一致。") }),
    ...(kind === "passport" && !country && { "certificate.country": t("请选择签发护照的国家。") }),
    ...(number && { [this.numberField]: number }),
    ...(!consent && { consent: t("请阅读并勾选同意。") }),
  };
}

/** Oneself is bound by a code, an adult by their approval, a child by the register. */
function bindPage() {
  return {
    ...acts(),
    ...completes(unsaid),
    relations: table("relation"),
    form: { relation: "self", name: "", kind: "id_card", country: "", id_number: "", consent: false },
    get numberForm() {
      return FORMS[this.form.kind];
    },
    get kindHint() {
      return KIND_HINTS[this.form.kind] ?? "";
    },
    get numberField() {
      return this.form.kind === "id_card" ? "id_number" : "certificate.number";
    },
    get numberError() {
      return this.errors[this.numberField] ?? "";
    },
    get countryError() {
      return this.errors["certificate.country"] ?? "";
    },
    get explanation() {
      return EXPLANATIONS[this.form.relation] ?? BY_APPROVAL;
    },
    fill(name, id_number, relation, kind, country) {
      Object.assign(this.form, { name, id_number, relation, kind, country });
      this.errors = {};
    },
    /** The ID number, or another certificate, as the API takes them. */
    get named() {
      const { kind, country, id_number: number } = this.form;
      if (kind === "id_card") return { id_number: identity(number) };
      return { certificate: kind === "passport" ? { kind, country, number } : { kind, number } };
    },
    bind() {
      if (!this.complete()) return null;
      return this.act(async () => {
        const { name, relation, consent } = this.form;
        this.leave(await api.post("persons/", { name: personName(name), relation, consent, ...this.named }));
      });
    },
    leave({ id, mandate }) {
      if (mandate.status === "pending" && mandate.proof === "code") return go(`#/family/${id}`, { replace: true });
      toast(mandate.status === "active" ? t("绑定成功") : AFTERWARDS[mandate.proof]);
      return go("#/family", { replace: true });
    },
  };
}

const PAUSE_SECONDS = 60;

/** The code went to the telephone in the register; another one can be asked for after a minute. */
function verifyPage() {
  return {
    ...acts(),
    ...completes(function unsaid() {
      return /^\d{6}$/.test(digits(this.code)) ? {} : { code: t("请填写短信中的 6 位数字。") };
    }),
    code: "",
    pause: 0,
    timer: 0,
    init() {
      this.wait();
    },
    destroy() {
      clearInterval(this.timer);
    },
    get address() {
      return `persons/${Alpine.store("route").params.id}`;
    },
    get resendLabel() {
      return this.pause ? t("{pause} 秒后可重新获取", { pause: this.pause }) : t("重新获取验证码");
    },
    wait() {
      clearInterval(this.timer);
      this.pause = PAUSE_SECONDS;
      this.timer = setInterval(() => (this.pause = Math.max(0, this.pause - 1)), 1000);
    },
    verify() {
      if (!this.complete()) return null;
      return this.act(async () => {
        await api.post(`${this.address}/verify/`, { code: digits(this.code) });
        toast(t("验证成功"));
        go("#/family", { replace: true });
      });
    },
    resend() {
      return this.act(async () => {
        await api.post(`${this.address}/resend/`);
        toast(t("验证码已重新发送"));
        this.wait();
      });
    },
  };
}

export const pages = { familyPage, bindPage, verifyPage };
