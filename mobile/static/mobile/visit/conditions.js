/** The conditions of direct settlement: met or not, and where each remedy is to be had. */

const met = ({ label, message }) => ({ title: label, text: message, state: "已满足：", toneClass: "tone-good", icon: "#i-check" });

/** What is wrong is the title itself: 备案有效 in red would say the opposite. */
const unmet = ({ message, remedy }) => ({
  title: message.replace(/。$/, ""),
  text: remedy,
  state: "未满足：",
  toneClass: "tone-bad",
  icon: "#i-close",
});

/** @returns {?{name: string, href?: string, kind?: string}} a link, or a button for what the page does itself */
function buttonOf(action) {
  if (action?.kind === "call") return { name: action.label, href: `tel:${action.phone}` };
  if (action?.kind === "filing") return { name: action.label, href: `#/records/${action.filing}` };
  if (action?.kind === "file" || action?.kind === "institutions") return { ...action, name: action.label };
  return null;
}

/** @returns {string} the title, who published it and when */
export const citationOf = (source) => (source ? [source.title, source.publisher, source.year].filter(Boolean).join("，") : "");

/** @returns {object[]} in their order, with what is shown of each */
export const presentConditions = (conditions) =>
  conditions.map((condition) => ({
    ...condition,
    ...(condition.met ? met(condition) : unmet(condition)),
    button: condition.met ? null : buttonOf(condition.action),
    citation: citationOf(condition.source),
  }));
