/**
 * Keeps the shell on the phone, so that a reload without a network still shows what was typed.
 * The network comes first: with one, nothing is ever old. Answers of the API are never kept.
 */

const CACHE = "yidi-shell";

/** The shell, its style sheet, and each part of the pages once it was opened. */
const isShell = ({ pathname }) => pathname === "/" || /^\/(shell\.\w+\.css$|pages\/|static\/mobile\/)/.test(pathname);

async function freshOrKept(request) {
  try {
    const answer = await fetch(request);
    if (answer.ok) (await caches.open(CACHE)).put(request, answer.clone());
    return answer;
  } catch {
    return (await caches.match(request, { ignoreSearch: true, ignoreVary: true })) ?? Response.error();
  }
}

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method === "GET" && url.origin === location.origin && isShell(url)) {
    event.respondWith(freshOrKept(event.request));
  }
});
