/** What the API says of persons and mandates, in the words the pages show. */

import { t } from "../lib/parts.js";
import { date, insuranceName, word } from "../lib/words.js";

const MANDATES = {
  pending: { name: t("待验证"), tone: "warn" },
  active: { name: t("已绑定"), tone: "good" },
  ended: { name: t("已结束"), tone: "plain" },
};

const ENROLLMENTS = { ended: t("已停保，不能备案"), future: t("尚未生效") };

const WAITING = {
  code: t("验证码已发到参保登记的手机。"),
  approval: t("请家人登录自己的账户，在“家庭成员”里同意。"),
  register: t("请家人到参保地医保经办窗口办理。"),
  counter: t("请您和家人一同到参保地医保经办窗口，双方都要到场：带您本人的身份证件，以及家人的身份证件或户口簿（原件）。窗口核验、复核后即可代办。"),
};

/** @returns {object[]} oneself first */
export const selfFirst = (persons) => [...persons].sort((one, other) => (other.relation === "self") - (one.relation === "self"));

/** @returns {object[]} those I may act for, oneself first */
export const activeOf = (persons) => selfFirst(persons.filter((person) => person.mandate.status === "active"));

/** @returns {string} 王*兰（本人） */
export const personTitle = ({ name, relation }) => t("{name}（{relation}）", { name, relation: word("relation", relation) });

/** @returns {string} 重庆市 · 职工医保（退休） */
export const enrollmentTitle = (enrollment) =>
  t("{area_name} · {insurance}（{category}）", { area_name: enrollment.area_name, insurance: insuranceName(enrollment.insurance), category: word("category", enrollment.category) });

/** @returns {object} */
function presentEnrollment(enrollment) {
  const note = [word("category", enrollment.category), ENROLLMENTS[enrollment.status]].filter(Boolean).join(" · ");
  return { ...enrollment, title: `${enrollment.area_name} · ${insuranceName(enrollment.insurance)}`, note };
}

/** @returns {object} a person as the family page shows them; before the mandate is active only what was typed is known */
export function presentPerson(person) {
  const { status, proof, until } = person.mandate;
  const shown = MANDATES[status];
  return {
    ...person,
    title: personTitle({ ...person, name: person.name ?? person.mandate.whom }),
    status: shown.name,
    toneClass: `tone-${shown.tone}`,
    active: status === "active",
    canVerify: status === "pending" && proof === "code",
    help: status === "pending" ? WAITING[proof] : until ? t("授权有效期至 {until}", { until: date(until) }) : "",
    agency: person.mandate.agency && { ...person.mandate.agency, href: `tel:${person.mandate.agency.phone}` },
    lines: (person.enrollments ?? []).map(enrollmentTitle),
    href: `#/family/${person.id}`,
    codeHref: `#/code/${person.id}`,
    endLabel: status === "pending" ? t("取消申请") : t("解除绑定"),
  };
}

/** @returns {{id: string, label: string, person: object, enrollment: object}[]} every enrolment of those I may act for */
export const insuredOf = (persons) =>
  activeOf(persons).flatMap((person) =>
    person.enrollments.map((enrollment) => ({
      id: enrollment.id,
      label: `${person.name}　${enrollmentTitle(enrollment)}`,
      person,
      enrollment,
    })),
  );

/**
 * For whom something is applied for, and by which enrolment.
 * @param {(enrollment: object) => string} [address] where that leads
 */
export const applicantsOf = (persons, address = () => "") =>
  activeOf(persons).map((person) => ({
    id: person.id,
    name: person.name,
    title: personTitle(person),
    enrollments: person.enrollments.map((each) => ({ ...presentEnrollment(each), href: address(each) })),
  }));
