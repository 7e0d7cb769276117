// At the case: the open page says so every half minute, hears who else is here and what happened meanwhile, and says when it is
// left. Nothing typed is touched.
"use strict";

const EVERY = 30 * 1000;
const here = document.getElementById("presence");
if (here) {
  const news = document.getElementById("news");
  const said = (more = {}) => {
    const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
    const body = new FormData();
    const { page, version } = here.dataset;
    Object.entries({ csrfmiddlewaretoken: token, page, version, ...more }).forEach((pair) => body.set(...pair));
    return body;
  };
  let timer;

  const ask = async () => {
    const answer = await fetch(here.dataset.url, { method: "POST", body: said(), redirect: "manual" }).catch(() => null);
    if (!answer?.ok) {
      if ([0, 403, 404].includes(answer?.status)) clearInterval(timer); // signed out, or out of sight: the next click says so
      return;
    }
    const told = await answer.json();
    here.textContent = told.here;
    news.textContent = told.news;
    news.hidden = !told.news;
  };

  timer = setInterval(ask, EVERY);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
  window.addEventListener("pageshow", (event) => { if (event.persisted) ask(); });
  window.addEventListener("pagehide", () => navigator.sendBeacon(here.dataset.url, said({ leaving: "1" })));
}
