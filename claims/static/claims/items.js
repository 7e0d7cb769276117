// The lines of a bill: five more empty ones at a time.
"use strict";

const table = document.querySelector("#items tbody");
const more = document.getElementById("more-items");
if (table && more) {
  more.hidden = false;
  more.addEventListener("click", () => {
    for (let count = 0; count < 5; count += 1) {
      const row = table.rows[table.rows.length - 1].cloneNode(true);
      row.querySelectorAll("input").forEach((input) => {
        input.value = "";
      });
      table.append(row);
    }
  });
}
