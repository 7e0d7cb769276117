/** Whether the phone has a network; without one the pages stay, and keep what is typed. */

import Alpine from "../vendor/alpine-csp.esm.min.js";

const CACHE = "yidi-shell";

export const networkStore = { offline: !navigator.onLine };

export function watchNetwork() {
  const network = Alpine.store("network");
  window.addEventListener("offline", () => (network.offline = true));
  window.addEventListener("online", () => (network.offline = false));
}

/** Keep the shell for a reload without network (sw.js); what this first visit loaded, it has not seen. */
export async function keepShell() {
  if (!("serviceWorker" in navigator) || !window.caches) return;
  try {
    await navigator.serviceWorker.register("/sw.js");
    const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
    const own = loaded.filter((name) => new URL(name).pathname.startsWith("/static/mobile/"));
    await (await caches.open(CACHE)).addAll(["/", "/visit/", ...new Set(own)]);
  } catch {
    // private windows and full phones: the pages work, only not without a network
  }
}
