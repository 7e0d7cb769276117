/** Business time as the server tells it; in simulation it can be moved forward. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api } from "./api.js";
import { dayTime } from "./format.js";
import { sentence, toast } from "./page.js";
import { refresh } from "./router.js";

const DAY_MS = 86400000;
const PATIENCE_MS = 1500;

export const clockStore = {
  simulated: false,
  offset: 0,
  moving: false,
  tick: 0,

  get now() {
    return new Date(Date.now() + this.offset + 0 * this.tick);
  },
  get text() {
    return dayTime(this.now);
  },

  async load() {
    this.take(await api.get("clock/"));
  },
  take({ now, simulated }) {
    this.offset = new Date(now) - Date.now();
    this.simulated = simulated;
  },
  next() {
    return this.move({ next: true });
  },
  oneDay() {
    return this.move({ to: new Date(this.now.getTime() + DAY_MS).toISOString() });
  },
  /** The jump stops at every due moment on its way, so the open page is read again afterwards. */
  async move(target) {
    if (this.moving) return;
    this.moving = true;
    try {
      this.take(await api.post("clock/", target));
      toast(`已到 ${this.text}`);
      refresh();
    } catch (error) {
      toast(sentence(error));
    } finally {
      this.moving = false;
    }
  },
};

/** Ask the time before the first page is shown, but do not keep anyone waiting for it. */
export async function startClock() {
  const clock = Alpine.store("clock");
  setInterval(() => clock.tick++, 30000);
  await Promise.race([clock.load().catch(() => {}), new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
}
