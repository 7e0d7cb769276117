/**
 * Keeps the pages on the phone, so that a visit costs one question (whether the shell still stands) and works without a network.
 * The shell names its release, and whatever it brings has an address of that release: what is kept under it stands for good.
 * Answers of the API are never kept here.
 */

const CACHE = "yidi-pages";
const OLDER = ["yidi-shell"];
const PATIENCE_MS = 3000;

const isPart = ({ pathname }) => /^\/(release|pages|static\/mobile)\/|^\/shell\.\w+\.css$/.test(pathname);
const lasting = (answer) => /immutable/.test(answer.headers.get("Cache-Control"));
/** Each language has addresses of its own, the shell alone has not: there the one chosen last stands. */
const BY_ADDRESS = { ignoreVary: true };
const kept = async (request) => (await caches.open(CACHE)).match(request, BY_ADDRESS);

/** The newest shell; the kept one where the network has none, or not soon. */
async function shell(event) {
  const known = await kept("/");
  const asked = Promise.resolve(event.preloadResponse).then((answer) => answer ?? fetch(event.request));
  if (!known) return asked;
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  const answer = await Promise.race([asked.catch(() => null), late]);
  return answer?.ok || answer?.type === "opaqueredirect" ? answer : known;
}

async function part(request) {
  const known = await kept(request);
  if (known && lasting(known)) return known;
  try {
    const answer = await fetch(request);
    if (answer.ok) (await caches.open(CACHE)).put(request, answer.clone());
    return answer;
  } catch {
    return known ?? Response.error();
  }
}

/**
 * What an open page consists of, from the browser's own cache: nothing is fetched again. Its shell comes last, when all that it
 * brings is here, and takes the place of the release before it.
 */
async function keep({ release, parts }) {
  const cache = await caches.open(CACHE);
  const known = (await cache.keys()).map(({ url }) => url);
  const fresh = parts.filter((address) => !known.includes(address));
  await cache.addAll(fresh.map(again));
  if (await keepShell(cache, release)) await forgetOthers(cache, release, known.filter((url) => !parts.includes(url)));
}

const again = (address) => new Request(address, { cache: "force-cache" });
const text = async (answer) => (answer ? answer.clone().text() : "");

/** @returns {Promise<boolean>} whether another one stood here; there may be a newer one already, which is kept by its own page */
async function keepShell(cache, release) {
  const page = await fetch(again("/"));
  const [now, before] = await Promise.all([text(page), text(await cache.match("/", BY_ADDRESS))]);
  if (now === before || !now.includes(`/release/${release}/`)) return false;
  await cache.delete("/", BY_ADDRESS);
  await cache.put("/", page);
  return true;
}

/** The parts of other releases, and style sheets nobody asked for since. */
function forgetOthers(cache, release, urls) {
  const stale = urls.filter((url) => new URL(url).pathname !== "/" && !url.includes(release));
  return Promise.all(stale.map((url) => cache.delete(url, BY_ADDRESS)));
}

/** One page after another. */
let keeping = Promise.resolve();

async function begin() {
  await Promise.all(OLDER.map((name) => caches.delete(name)));
  await self.registration.navigationPreload?.enable();
  await self.clients.claim();
}

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(begin()));
self.addEventListener("message", (event) => event.waitUntil((keeping = keeping.then(() => keep(event.data)).catch(() => {}))));
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (event.request.mode === "navigate" && url.pathname === "/") event.respondWith(shell(event));
  else if (isPart(url)) event.respondWith(part(event.request));
});
