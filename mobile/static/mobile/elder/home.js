/** Home of 长辈版: what needs me, one at a time; four large buttons; whom to call. And all services in one list. */

import { homePage } from "../home/home.js";
import { t } from "../lib/parts.js";
import "./reading.js";

function elderHomePage() {
  return Object.assign(homePage(), {
    at: 0,
    /** The need that is shown: one at a time. */
    need() {
      return this.needs[this.at % this.needs.length];
    },
    later() {
      this.at += 1;
    },
    count() {
      return t("第 {at} 件，共 {of} 件", { at: (this.at % this.needs.length) + 1, of: this.needs.length });
    },
    /** Whom one may call. */
    calls() {
      const known = [{ name: t("医保服务热线"), phone: "12393" }, this.overview.agency].filter(Boolean);
      return known.map((each) => ({ ...each, href: `tel:${each.phone}`, call: t("打电话问 {phone}", each) }));
    },
    /** How what I filed stands, in a few words. */
    standingText() {
      const { under_way: waiting, in_force: standing } = this.overview;
      if (waiting.length) return t("{count} 件正在办理", { count: waiting.length });
      return standing.length ? t("{count} 件生效中", { count: standing.length }) : t("办到哪一步了");
    },
  });
}

function servicesPage() {
  return {};
}

export const pages = { elderHomePage, servicesPage };
