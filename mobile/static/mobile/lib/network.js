/** Whether the phone has a network; pages stay usable for reading and keep what was typed. */

import Alpine from "../vendor/alpine-csp.esm.min.js";

export const networkStore = { offline: !navigator.onLine };

export function watchNetwork() {
  const network = Alpine.store("network");
  window.addEventListener("offline", () => (network.offline = true));
  window.addEventListener("online", () => (network.offline = false));
}
