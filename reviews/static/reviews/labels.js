/* The theme's search fields (select2) have no name for who does not see their label: they get that of the field. */
const name = (select) => {
  const field = select.nextElementSibling?.querySelector(".select2-selection");
  const label = select.labels[0]?.textContent.replace("*", "").trim();
  if (!field || !label) return;
  for (const one of [field, field.querySelector("[role=textbox]")]) one?.setAttribute("aria-label", label);
  field.removeAttribute("aria-labelledby");
};
const nameAll = () => document.querySelectorAll("select.admin-autocomplete").forEach(name);
window.addEventListener("load", () => window.django?.jQuery(nameAll));  // after those that make the fields
document.addEventListener("formset:added", () => setTimeout(nameAll));
