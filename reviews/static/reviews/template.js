// A reason template: of the boxes, only those of the chosen kind are shown.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const kind = document.getElementById("id_kind");
  const groups = [...document.querySelectorAll("#id_marked > div")];
  if (!kind || !groups.length) return;
  const show = () => groups.forEach((group) => {
    group.hidden = !group.querySelector("input").value.startsWith(`${kind.value}:`);
  });
  kind.addEventListener("change", show);
  show();
});
