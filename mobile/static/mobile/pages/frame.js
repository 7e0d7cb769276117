/** The frame around every page: the way back, and the badge that follows each opening. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { backOrUp } from "../lib/router.js";

export function frame() {
  return {
    init() {
      Alpine.effect(() => {
        const { page } = Alpine.store("route");
        if (page && Alpine.store("session").token) Alpine.store("inbox").refresh();
      });
    },
    back: backOrUp,
    again: () => location.reload(),
  };
}
