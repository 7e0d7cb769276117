// The decision form: templates fill the reason; the list of fields is there only for a return for correction.
"use strict";

const form = document.getElementById("decision");
if (form) {
  const templates = JSON.parse(document.getElementById("reason-templates").textContent);
  const choice = document.getElementById("template");
  const fields = document.getElementById("fields");

  const chosen = () => new FormData(form).get("action");

  const offer = () => {
    choice.length = 1;
    templates.forEach((template, index) => {
      if (template.action === chosen()) choice.add(new Option(template.text, String(index)));
    });
    fields.hidden = chosen() !== "return_for_correction";
    form.reason.required = ["reject", "return_for_correction"].includes(chosen());
  };

  choice.addEventListener("change", () => {
    const template = templates[Number(choice.value)];
    if (!choice.value || !template) return;
    form.reason.value = template.text;
    form.code.value = template.code;
    form.querySelectorAll("[name=fields]").forEach((box) => {
      box.checked = template.fields.includes(box.value);
    });
  });
  form.querySelectorAll("[name=action]").forEach((radio) => radio.addEventListener("change", offer));
  form.addEventListener("submit", () => {
    form.querySelector("button.yd-primary").disabled = true;
  });
  offer();
}
