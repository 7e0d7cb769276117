/** Family: whom I may act for, and who may act for me. */

import { api } from "../lib/api.js";
import { beginFiling } from "../lib/draft.js";
import { rows } from "../lib/lists.js";
import { acts, ask, loads, toast } from "../lib/page.js";
import { presentMandate, presentPerson, selfFirst } from "../lib/persons.js";
import { go } from "../lib/router.js";

const LIMIT = 6;

async function readFamily() {
  const [persons, mandates] = await Promise.all([api.get("persons/"), api.get("mandates/")]);
  this.persons = selfFirst(rows(persons)).map(presentPerson);
  this.others = rows(mandates).filter((mandate) => !mandate.mine && mandate.status !== "ended").map(presentMandate);
}

export function familyPage() {
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
      const text = "解除后不能再为其备案和查询；已办理的备案不受影响。";
      if (!(await ask({ title: `${person.endLabel}：${person.title}`, text, ok: person.endLabel, danger: true }))) return;
      await this.settle(() => api.delete(`persons/${person.id}/`), "已解除");
    },
    async approve(mandate) {
      const text = "同意后，对方可以为您办理备案并查看进度。您可以随时解除。";
      if (!(await ask({ title: mandate.question, text, ok: "同意" }))) return;
      await this.settle(() => api.post(`mandates/${mandate.id}/approve/`), "已同意");
    },
    async revoke(mandate) {
      const text = "对方将不能为您办理备案；已办理的备案不受影响。";
      if (!(await ask({ title: mandate.pending ? "不同意这个申请？" : "解除这个授权？", text, ok: "确定", danger: true }))) return;
      await this.settle(() => api.post(`mandates/${mandate.id}/revoke/`), "已解除");
    },
    /** Do it, say so, and read the lists again. */
    async settle(work, words) {
      if (!(await this.act(work))) return;
      toast(words);
      await this.reload();
    },
  };
}
