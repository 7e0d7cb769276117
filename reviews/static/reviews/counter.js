// The form of the counter: hospitals are found while one types; what waits for its scans is sent again; a second click sends nothing.
"use strict";

const PAUSE_MS = 200;
const AGAIN_MS = 1500;
const form = document.getElementById("entry");

async function lookUp(input, list) {
  const url = new URL(`/api/v1/${input.dataset.search}`, location.origin);
  const typed = input.value.trim();
  url.searchParams.set("q", typed);
  const answer = await fetch(url);
  if (!answer.ok || input.value.trim() !== typed) return;
  const { results } = await answer.json();
  list.replaceChildren(...results.map(({ code, name }) => new Option(name, `${code} ${name}`)));
}

for (const input of form.querySelectorAll("[data-search]")) {
  const list = document.createElement("datalist");
  list.id = `${input.id}-list`;
  input.after(list);
  input.setAttribute("list", list.id);
  let waiting = 0;
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    if (input.value.trim()) waiting = setTimeout(lookUp, PAUSE_MS, input, list);
  });
}

const sender = form.querySelector("button[type=submit]:not([name])");
form.addEventListener("submit", () => setTimeout(() => { sender.disabled = true; }));
if ("again" in form.dataset) setTimeout(() => form.requestSubmit(sender), AGAIN_MS);
