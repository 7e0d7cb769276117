// The decision form. What is written belongs to its outcome: text, code and fields of one never go out with another, and come
// back when it is chosen again. It is kept in this tab until the case is decided, so that no reload loses it.
"use strict";

const DAY = 24 * 3600 * 1000;
const NOTHING = { reason: "", code: "", template: "", fields: [] };

/** A key that is meant for the page, not for a field. */
const isPlain = (event) =>
  !event.ctrlKey && !event.altKey && !event.metaKey && !event.isComposing
  && !event.target.closest("textarea, select, input:not([type=radio]):not([type=checkbox])");

const help = document.getElementById("keys");
document.getElementById("show-keys")?.addEventListener("click", () => help.showModal());
document.addEventListener("keydown", (event) => {
  if (!isPlain(event)) return;
  const way = { j: "next", k: "prev" }[event.key.toLowerCase()];
  if (way) document.querySelector(`.yd-place [rel=${way}]`)?.click();
  else if (event.key === "?") help.showModal();
});

const form = document.getElementById("decision");
if (form) {
  const templates = JSON.parse(document.getElementById("reason-templates").textContent);
  const choice = document.getElementById("template");
  const fields = document.getElementById("fields");
  const boxes = [...form.querySelectorAll("[name=fields]")];
  const store = `decision:${form.dataset.draft}`;
  let written = {};

  const chosen = () => new FormData(form).get("action") ?? "";
  let outcome = chosen();

  const read = () => ({
    reason: form.reason.value,
    code: form.code.value,
    template: choice.value,
    fields: boxes.filter((box) => box.checked).map((box) => box.value),
  });

  const write = (draft) => {
    form.reason.value = draft.reason;
    form.code.value = draft.code;
    choice.value = draft.template;
    boxes.forEach((box) => { box.checked = draft.fields.includes(box.value); });
  };

  const offer = () => {
    choice.length = 1;
    templates.forEach((template, index) => {
      if (template.action === outcome) choice.add(new Option(template.text, String(index)));
    });
    fields.hidden = outcome !== "return_for_correction";
    form.reason.required = ["reject", "return_for_correction"].includes(outcome);
  };

  const keep = () => {
    written[outcome] = read();
    sessionStorage.setItem(store, JSON.stringify({ at: Date.now(), outcome, written }));
  };

  /** Another outcome is chosen: its own draft, or what was typed freely so far. */
  const turn = () => {
    const before = read();
    written[outcome] = before;
    outcome = chosen();
    offer();
    write(written[outcome] ?? (before.code ? NOTHING : { ...NOTHING, reason: before.reason }));
    keep();
  };

  const restore = () => {
    const kept = JSON.parse(sessionStorage.getItem(store) ?? "null");
    if (!kept || Date.now() - kept.at > DAY) return;
    written = kept.written;
    outcome = kept.outcome;
    const radio = [...form.querySelectorAll("[name=action]")].find((one) => one.value === outcome);
    if (radio) radio.checked = true;
    offer();
    write(written[outcome] ?? NOTHING);
  };

  choice.addEventListener("change", () => {
    const template = templates[Number(choice.value)];
    if (!choice.value || !template) return;
    write({ reason: template.text, code: template.code, template: choice.value, fields: template.fields });
    keep();
  });
  form.querySelectorAll("[name=action]").forEach((radio) => radio.addEventListener("change", turn));
  form.addEventListener("input", (event) => {
    if (event.target.name !== "action" && event.target !== choice) keep();
  });
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });

  const OUTCOMES = { a: "approve", r: "return_for_correction", t: "reject" };
  const press = (key) => {
    const radio = [...form.querySelectorAll("[name=action]")].find((one) => one.value === OUTCOMES[key]);
    if (radio) radio.click();
    const template = choice.options[Number(key)];
    if (/^[1-9]$/.test(key) && template) {
      choice.value = template.value;
      choice.dispatchEvent(new Event("change"));
    }
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey && event.key === "Enter") form.requestSubmit(form.querySelector("[name=next]"));
    else if (isPlain(event)) press(event.key.toLowerCase());
  });

  offer();
  choice.value = choice.dataset.chosen;
  if (!("typed" in form.dataset)) restore();
}
