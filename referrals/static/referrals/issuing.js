// The form of a referral: what is typed is looked up in the open lists; a second click sends nothing.
"use strict";

const PAUSE_MS = 200;
const form = document.getElementById("issuing");

const codeOf = (text) => text.split(" ")[0];

const listOf = (input) => document.getElementById(`${input.name}-list`);

/** What a row means in the form (a county its pooling area), and what is shown of it. */
function optionOf({ code, name, level, within = [], pooling_area, pooling_area_name }) {
  if (level !== "county") return new Option(`${code} ${name}`, `${code} ${name}`);
  return new Option(`${within.join("")}${name}（${pooling_area} ${pooling_area_name}）`, `${pooling_area} ${pooling_area_name}`);
}

/** What was typed need not stand in a code or name (feiai, 肺癌): the list shows all that the server found. */
async function lookUp(input) {
  const url = new URL(`/api/v1/${input.dataset.search}`, location.origin);
  const typed = input.value.trim();
  url.searchParams.set("q", typed);
  const destination = codeOf(form.elements.destination.value);
  if (input.name === "receiver" && /^\d{6}$/.test(destination)) url.searchParams.set("area", destination);
  const answer = await fetch(url);
  if (!answer.ok || input.value.trim() !== typed) return;
  const { results } = await answer.json();
  listOf(input).replaceChildren(...results.map(optionOf));
  listOf(input).hidden = !results.length;
}

function choose(input) {
  input.value = listOf(input).value || input.value;
  input.focus();
  listOf(input).hidden = true;
}

for (const input of form.querySelectorAll("[data-search]")) {
  const list = listOf(input);
  let waiting = 0;
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    list.hidden = true;
    if (input.value.trim()) waiting = setTimeout(lookUp, PAUSE_MS, input);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" || list.hidden) return;
    event.preventDefault();
    list.selectedIndex = 0;
    list.focus();
  });
  list.addEventListener("click", () => choose(input));
  list.addEventListener("keydown", (event) => {
    if (event.key === "Enter") choose(input);
    if (event.key === "Escape") list.hidden = true;
    if (event.key === "Enter" || event.key === "Escape") event.preventDefault();
  });
  input.parentElement.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget !== list && relatedTarget !== input) list.hidden = true;
  });
}

form.addEventListener("submit", () => {
  form.querySelector("[type=submit]").disabled = true;
});
