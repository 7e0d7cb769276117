// The form of a referral: what is typed is looked up in the open lists; a second click sends nothing.
"use strict";

const PAUSE_MS = 200;
const form = document.getElementById("issuing");

const codeOf = (text) => text.split(" ")[0];

async function lookUp(input) {
  const url = new URL(`/api/v1/${input.dataset.search}`, location.origin);
  url.searchParams.set("q", input.value.trim());
  const destination = codeOf(form.elements.destination.value);
  if (input.name === "receiver" && /^\d{6}$/.test(destination)) url.searchParams.set("area", destination);
  const answer = await fetch(url);
  if (!answer.ok) return;
  const { results } = await answer.json();
  const options = results.map(({ code, name }) => new Option("", `${code} ${name}`));
  document.getElementById(`${input.name}-list`).replaceChildren(...options);
}

for (const input of form.querySelectorAll("[data-search]")) {
  let waiting = 0;
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    if (input.value.trim() && !input.value.includes(" ")) waiting = setTimeout(lookUp, PAUSE_MS, input);
  });
}

form.addEventListener("submit", () => {
  form.querySelector("[type=submit]").disabled = true;
});
