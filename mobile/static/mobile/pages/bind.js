/** Bind an insured person: oneself by a code, an adult by their approval, a child by the register. */

import { api } from "../lib/api.js";
import { acts, toast } from "../lib/page.js";
import { go } from "../lib/router.js";
import { table } from "../lib/words.js";

const EXPLANATIONS = {
  self: "绑定本人需要验证码，会发到您参保登记的手机。",
  child: "未满 16 周岁的子女，参保登记里您是监护人时立即生效；已成年的子女需在其本人账户里同意。",
};
const BY_APPROVAL = "提交后，请家人登录自己的账户，在“家庭成员”里同意。";

const AFTERWARDS = { approval: "已提交，等家人同意", register: "已提交", counter: "请到经办窗口办理" };

export function bindPage() {
  return {
    ...acts(),
    relations: table("relation"),
    form: { relation: "self", name: "", id_number: "", consent: false },
    get explanation() {
      return EXPLANATIONS[this.form.relation] ?? BY_APPROVAL;
    },
    get complete() {
      return this.form.name.trim() && this.form.id_number.trim().length === 18 && this.form.consent;
    },
    fill(name, id_number, relation) {
      Object.assign(this.form, { name, id_number, relation });
    },
    bind() {
      return this.act(async () => {
        const { name, id_number } = this.form;
        this.leave(await api.post("persons/", { ...this.form, name: name.trim(), id_number: id_number.trim().toUpperCase() }));
      });
    },
    leave({ id, mandate }) {
      if (mandate.status === "pending" && mandate.proof === "code") return go(`#/family/${id}`, { replace: true });
      toast(mandate.status === "active" ? "绑定成功" : AFTERWARDS[mandate.proof]);
      return go("#/family", { replace: true });
    },
  };
}
