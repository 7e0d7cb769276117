/** 医保码: what the hospital scans. One code at a time, for one person; renewed while it is looked at, never shown past its end. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api, rows } from "../lib/api.js";
import { loads } from "../lib/lazy-pages.js";
import { t } from "../lib/parts.js";
import { activeOf, enrollmentTitle, personTitle } from "./persons.js";

const RENEW_BEFORE = 20;
const RETRY_AFTER = 6;
const LOOK_EVERY = 5;
const NOT_INSURED = t("目前没有有效的参保关系，可能不能直接结算。");

/** @returns {object} */
function present(person) {
  const insured = person.enrollments.filter((each) => each.status === "active").map(enrollmentTitle);
  return {
    id: person.id,
    name: person.name,
    label: personTitle(person),
    insured: insured.length ? insured : [NOT_INSURED],
  };
}

async function readPersons() {
  this.persons = activeOf(rows(await api.get("persons/"))).map(present);
  const asked = this.chosen || Alpine.store("route").params.person;
  this.chosen = (this.persons.find((person) => person.id === asked) ?? this.persons[0])?.id ?? "";
}

function codePage() {
  return {
    ...loads(readPersons),
    persons: [],
    chosen: "",
    /** One card stands for one person; another person's begins anew. */
    get cards() {
      return this.persons.filter((person) => person.id === this.chosen);
    },
    get several() {
      return this.persons.length > 1;
    },
  };
}

const now = () => Date.now() / 1000;

/** The seconds are counted from the answer on, for a phone's clock may be wrong. */
async function readCode() {
  const { token, expires_in: seconds, qr_svg: svg } = await api.ask(`persons/${this.person.id}/vouchers/`);
  this.src = `data:image/svg+xml;utf8,${encodeURIComponent(svg)}`;
  this.number = token.match(/.{1,4}/g).join(" ");
  this.end = now() + seconds;
  this.tick();
}

/** What the till did with the code comes as a message. @returns {Promise<object[]>} the newest of bills */
const newestBills = async () => rows(await api.get("messages/", { page_size: 5 })).filter(({ kind }) => kind === "settled");

function codeCard() {
  const gone = new AbortController();
  return {
    ...loads(readCode),
    src: "",
    number: "",
    end: 0,
    left: 0,
    renewing: false,
    retryAt: 0,
    lookAt: 0,
    known: null,
    settled: null,
    get countdown() {
      const minutes = Math.floor(this.left / 60);
      return t("{minutes}{left} 秒内有效，到时自动更新", { minutes: minutes ? t("{minutes} 分 ", { minutes }) : "", left: this.left % 60 });
    },
    init() {
      const timer = setInterval(() => this.tick(), 1000);
      gone.signal.addEventListener("abort", () => clearInterval(timer));
      document.addEventListener("visibilitychange", () => this.returned(), { signal: gone.signal });
      window.addEventListener("online", () => this.returned(), { signal: gone.signal });
      return this.reload();
    },
    destroy() {
      gone.abort();
    },
    /** Nobody looks at a hidden page: there it may run out. */
    tick() {
      this.left = Math.max(0, Math.ceil(this.end - now()));
      if (this.state !== "ready" || document.hidden) return;
      if (!this.left) this.reload();
      else if (this.left <= RENEW_BEFORE) this.renew();
      if (now() >= this.lookAt) this.look();
    },
    /** A bill settled since the page was opened is shown, and its code, which is used now, makes way for a fresh one. */
    async look() {
      this.lookAt = now() + LOOK_EVERY;
      const bills = await newestBills().catch(() => null);
      if (!bills) return;
      const fresh = this.known && bills.find(({ id }) => !this.known.includes(id));
      this.known = bills.map(({ id }) => id);
      if (!fresh) return;
      this.settled = { text: fresh.text, href: `#/bills/${fresh.submission}` };
      Alpine.store("inbox").refresh();
      this.renew();
    },
    /** Meanwhile it may have been used: a fresh one, whatever is left of the old. */
    returned() {
      if (document.hidden || this.state === "loading") return;
      if (this.state === "ready" && this.end > now()) this.renew();
      else this.reload();
    },
    /** Until the new one is there, or its own end, the old one stays. */
    async renew() {
      if (this.renewing || now() < this.retryAt) return;
      this.renewing = true;
      this.retryAt = now() + RETRY_AFTER;
      await readCode.call(this).catch(() => {});
      this.renewing = false;
    },
  };
}

export const pages = { codePage, codeCard };
