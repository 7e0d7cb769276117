/** Starts the phone pages: their addresses, the frame around them, the first two of them, and what is true on all. */

import Alpine from "./vendor/alpine-csp.esm.min.js";
import { homePage } from "./home/home.js";
import { api, eraseKept, eraseOldWriting, sessionStore, signedInOnly } from "./lib/api.js";
import { acts, askStore, backOrUp, fetchAhead, refresh, routeStore, sayAgain, sentence, setRoutes, startRouter, toast, toastStore, watchEdges } from "./lib/lazy-pages.js";
import { bring, expectTime, language, later, release, t } from "./lib/parts.js";
import { dayTime, dial } from "./lib/words.js";

/** @type {import("./lib/lazy-pages.js").Route[]} every page with its address, its title, the tab it belongs to and the page above it; the first is home, for old people their own */
const routes = [
  { pattern: "", page: "elder-home", module: "elder/home", title: t("异地就医备案"), tab: "home", open: true, elder: true },
  { pattern: "", page: "home", title: t("异地就医备案"), tab: "home", open: true },
  { pattern: "signin", page: "signin", title: t("登录"), open: true },
  { pattern: "family", page: "family", module: "people/family", title: t("家庭成员"), up: "#/" },
  { pattern: "family/add", page: "bind", module: "people/family", title: t("添加参保人"), up: "#/family" },
  { pattern: "family/:id", page: "verify", module: "people/family", title: t("验证身份"), up: "#/family" },
  { pattern: "guide", page: "guide", module: "guide/guide", title: t("去外地看病"), up: "#/" },
  { pattern: "file", page: "file-who", module: "filings/steps", title: t("为谁备案"), up: "#/" },
  { pattern: "file/select", page: "file-select", module: "filings/steps", title: t("选择备案信息"), up: "#/file" },
  { pattern: "file/notice", page: "file-notice", module: "filings/steps", title: t("备案告知书"), up: "#/file/select" },
  { pattern: "file/form", page: "file-form", module: "filings/form", title: t("填写备案信息"), up: "#/file/notice" },
  { pattern: "file/check", page: "file-check", module: "filings/check", title: t("核对并提交"), up: "#/file/form" },
  { pattern: "file/done/:id", page: "file-done", module: "filings/check", title: t("提交结果"), up: "#/records" },
  { pattern: "code", page: "code", module: "people/code", title: t("医保码"), up: "#/", asks: ["persons/"] },
  { pattern: "code/:person", page: "code", module: "people/code", title: t("医保码"), up: "#/", asks: ["persons/"] },
  { pattern: "direct", page: "direct", module: "eligibility/eligibility", title: t("能不能直接结算"), up: "#/" },
  { pattern: "estimate", page: "estimate", module: "estimates/estimates", title: t("能报多少"), up: "#/", open: true, asks: ["persons/", "diseases/?page_size=100"] },
  { pattern: "estimate/result", page: "estimate-result", module: "estimates/estimates", title: t("估算结果"), up: "#/estimate", open: true },
  { pattern: "coverage", page: "coverage", module: "coverage/coverage", title: t("查得到的待遇"), up: "#/estimate", open: true },
  { pattern: "coverage/:area", page: "coverage-area", module: "coverage/coverage", title: t("查得到的待遇"), up: "#/coverage", open: true },
  { pattern: "services", page: "services", module: "elder/home", title: t("全部服务"), up: "#/", open: true },
  { pattern: "lookup", page: "lookup", module: "lookup/lookup", title: t("查询"), up: "#/", open: true },
  { pattern: "hospitals", page: "hospitals", module: "lookup/hospitals", title: t("定点医院和药店"), up: "#/lookup", open: true },
  { pattern: "hospitals/:code", page: "hospital", module: "lookup/hospitals", title: t("医院详情"), up: "#/hospitals", open: true },
  { pattern: "agencies", page: "agencies", module: "lookup/agencies", title: t("经办机构"), up: "#/lookup", open: true },
  { pattern: "diseases", page: "diseases", module: "lookup/lookup", title: t("门诊慢特病病种"), up: "#/lookup", open: true },
  { pattern: "policies", page: "policies", module: "lookup/policies", title: t("待遇政策"), up: "#/lookup", open: true },
  { pattern: "policies/:id", page: "policy", module: "lookup/policies", title: t("政策全文"), up: "#/policies", open: true },
  { pattern: "notices", page: "notices", module: "lookup/policies", title: t("备案告知书"), up: "#/lookup", open: true },
  { pattern: "notices/:area", page: "notices", module: "lookup/policies", title: t("备案告知书"), up: "#/notices", open: true },
  { pattern: "help", page: "help", module: "help/help", title: t("常见问题"), up: "#/lookup", open: true },
  { pattern: "privacy", page: "privacy", module: "help/help", title: t("个人信息"), up: "#/lookup", open: true },
  { pattern: "records", page: "records", module: "filings/records", title: t("备案记录"), tab: "records" },
  { pattern: "records/:id", page: "record", module: "filings/records", title: t("备案详情"), up: "#/records", asks: ["filings/:id/"] },
  { pattern: "records/:id/edit", page: "filing-edit", module: "filings/records", title: t("填写备案信息"), up: "#/records/:id" },
  { pattern: "records/:id/change", page: "change", module: "filings/records", title: t("变更备案"), up: "#/records/:id" },
  { pattern: "records/:id/lift", page: "lift", module: "filings/lift", title: t("凭材料提前取消"), up: "#/records/:id" },
  { pattern: "records/:id/proof", page: "proof", module: "filings/proof", title: t("补交承诺材料"), up: "#/records/:id" },
  { pattern: "proofs/:id", page: "proof-of", module: "filings/proof", title: t("补交承诺材料"), up: "#/records" },
  { pattern: "bills", page: "bills", module: "bills/bills", title: t("就医账单"), up: "#/" },
  { pattern: "bills/:id", page: "bill", module: "bills/bill", title: t("账单详情"), up: "#/bills" },
  { pattern: "chronic", page: "chronic", module: "chronic/chronic", title: t("门诊慢特病"), up: "#/" },
  { pattern: "chronic/apply/:enrollment", page: "chronic-apply", module: "chronic/form", title: t("申请认定"), up: "#/chronic" },
  { pattern: "chronic/:id", page: "recognition", module: "chronic/chronic", title: t("认定详情"), up: "#/chronic" },
  { pattern: "chronic/:id/edit", page: "chronic-apply", module: "chronic/form", title: t("修改申请"), up: "#/chronic/:id" },
  { pattern: "chronic/:id/renew", page: "chronic-renew", module: "chronic/form", title: t("办理续期"), up: "#/chronic/:id" },
  { pattern: "chronic/:id/form", page: "chronic-print", module: "chronic/chronic", title: t("申请表"), up: "#/chronic/:id" },
  { pattern: "claims", page: "claims", module: "claims/claims", title: t("手工报销"), up: "#/records" },
  { pattern: "claims/apply/:enrollment", page: "claim-form", module: "claims/form", title: t("申请报销"), up: "#/claims" },
  { pattern: "claims/:id", page: "claim", module: "claims/claims", title: t("报销详情"), up: "#/claims" },
  { pattern: "claims/:id/edit", page: "claim-form", module: "claims/form", title: t("修改申请"), up: "#/claims/:id" },
  { pattern: "referrals", page: "referrals", module: "referrals/referrals", title: t("转诊证明"), up: "#/records" },
  { pattern: "referrals/:id", page: "referral", module: "referrals/referrals", title: t("转诊证明"), up: "#/referrals" },
  { pattern: "kept", page: "kept", module: "kept/kept", title: t("离线查看"), up: "#/" },
  { pattern: "kept/:id", page: "kept-referral", module: "kept/kept", title: t("转诊证明"), up: "#/kept" },
  { pattern: "messages", page: "messages", module: "people/account", title: t("消息"), tab: "messages" },
  { pattern: "agent", page: "agent", module: "agent/agent", title: t("替别人办一次备案"), up: "#/consents" },
  { pattern: "consents", page: "consents", module: "people/consents", title: t("授权管理"), up: "#/me" },
  { pattern: "mydata", page: "mydata", module: "people/consents", title: t("我的数据"), up: "#/me" },
  { pattern: "me", page: "me", module: "people/account", title: t("我的"), tab: "me" },
  { pattern: "notifications", page: "notifications", module: "people/notifications", title: t("消息通知"), up: "#/me" },
];

const DAY_MS = 86400000;
const PATIENCE_MS = 1500;

/** Business time as the server tells it; in simulation it can be moved forward. */
const clockStore = {
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
      toast(t("已到 {text}", { text: this.text }));
      refresh();
    } catch (error) {
      toast(sentence(error));
    } finally {
      this.moving = false;
    }
  },
};

/** Ask the time; what counts from it waits for it, but nobody waits long. */
function startClock() {
  const clock = Alpine.store("clock");
  setInterval(() => clock.tick++, 30000);
  expectTime(Promise.race([clock.load().catch(() => {}), new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]));
}

/** Whether the phone has a network; without one the pages stay, and store what is typed. */
const networkStore = {
  offline: !navigator.onLine,
  /** Whether something may be read without one, by choice (lib/keeping.js). */
  get kept() {
    const { account } = Alpine.store("session");
    return Boolean(account && localStorage.getItem(`yidi.kept.${account.id}`));
  },
};

/** Who reads no Chinese hears and sees it as such. */
const markChinese = () => language.startsWith("zh") || later("foreign/marking").then(({ begin }) => begin(), () => {});

/** What is kept is renewed as long as somebody wants it; what another tab may have left behind goes. */
const keepOn = () => (Alpine.store("network").kept ? later("lib/keeping").then(({ begin }) => begin(), () => {}) : eraseKept());

function watchNetwork() {
  const network = Alpine.store("network");
  window.addEventListener("offline", () => (network.offline = true));
  window.addEventListener("online", () => (network.offline = false));
}

const OWN = /^\/(release|pages|static\/mobile)\/|^\/shell\.\w+\.css$/;

const ownOf = (entries) => entries.map(({ name }) => name).filter((name) => OWN.test(new URL(name).pathname));

/** Have the service worker keep what was opened (sw.js): what was asked for before it watched, it has not seen. */
async function keepOpened() {
  const { active } = await navigator.serviceWorker.ready;
  active.postMessage({ release, parts: [...new Set(ownOf(performance.getEntriesByType("resource")))] });
}

const soon = window.requestIdleCallback ?? ((work) => setTimeout(work, 500));

/** Once the first page stands: the pages work without a worker (private windows), only not without a network. */
async function startWorker() {
  if (!navigator.serviceWorker) return;
  try {
    await navigator.serviceWorker.register(document.body.dataset.worker, { updateViaCache: "all" });
    new PerformanceObserver((came) => ownOf(came.getEntries()).length && keepOpened()).observe({ type: "resource", buffered: true });
  } catch {
    // nothing is kept
  }
}

/** How many messages are unread, for the badge on the tab. */
const inboxStore = {
  unread: 0,
  get badge() {
    return this.unread > 99 ? "99+" : String(this.unread);
  },
  async load() {
    const { count } = await api.get("messages/", { unread: true, page_size: 1 });
    this.unread = count;
  },
  /** A badge is not worth an error. */
  refresh() {
    this.load().catch(() => {});
  },
};

const CHOSEN = /(?:^|; )yidi_language=([\w-]+)/;
const A_YEAR = 365 * 24 * 3600;

/** The language of the pages: chosen on this phone, kept with the account; the pages then come again in it. */
const languageStore = {
  get chosen() {
    return CHOSEN.exec(document.cookie)?.[1] ?? "";
  },
  async choose(code) {
    this.keep(code);
    if (Alpine.store("session").token) await api.patch("account/", { language: code }).catch(() => {});
    location.reload();
  },
  keep(code) {
    document.cookie = `yidi_language=${code}; path=/; max-age=${A_YEAR}; samesite=lax`;
  },
  /** The account's own choice counts; one that never chose takes what was chosen on this phone. */
  signedIn(code) {
    if (!code && this.chosen) api.patch("account/", { language: this.chosen }).catch(() => {});
    if (!code || code === this.chosen) return;
    this.keep(code);
    location.reload();
  },
};

const LARGE = "yidi.large";

/** Large type (大字版): remembered on this phone; every size of the pages follows the root's. */
const typeStore = {
  large: localStorage.getItem(LARGE) === "1",
  apply() {
    document.documentElement.classList.toggle("large", this.large);
  },
  toggle() {
    this.large = !this.large;
    localStorage.setItem(LARGE, this.large ? "1" : "0");
    this.apply();
  },
};

const ELDER = "yidi.elder";

/** 长辈版, a mode of its own (elder/): chosen on this phone, kept with the account; the pages then come again in it. */
const elderStore = {
  on: localStorage.getItem(ELDER) === "1",
  async choose(on) {
    this.keep(on);
    if (Alpine.store("session").token) await api.patch("account/", { elder_mode: on }).catch(() => {});
    location.replace("#/");
    location.reload();
  },
  keep(on) {
    if (on) localStorage.setItem(ELDER, "1");
    else localStorage.removeItem(ELDER);
  },
  /** The account's own choice counts; one that never chose takes what was chosen on this phone. */
  signedIn(on) {
    if (on === null && this.on) api.patch("account/", { elder_mode: true }).catch(() => {});
    if (on === null || on === this.on) return;
    this.keep(on);
    location.reload();
  },
  /** What makes the mode comes before the first page; without a network the pages stand without it. */
  async start() {
    if (!this.on) return;
    document.documentElement.classList.add("elder");
    await Promise.all([later("elder/frame"), bring("elder")]).then(([mode]) => mode.start(), () => {});
  },
};

/** The frame around every page: the way back, and the badge that follows each opening. */
function frame() {
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

/** @returns {?string} the mini-program opens these pages as `/?code=…`; the code is used once, so it leaves the address */
function codeFromWeChat() {
  const code = new URLSearchParams(location.search).get("code");
  if (code) history.replaceState(null, "", location.pathname + location.hash);
  return code;
}

/** Sign in: in the sandbox by choosing a name, else with the code WeChat put into the address. */
function signinPage() {
  return {
    ...acts(),
    chosen: "",
    init() {
      const code = codeFromWeChat();
      if (code) this.act(() => Alpine.store("session").signIn(code));
    },
    choose(name) {
      this.chosen = name;
    },
    signIn() {
      return this.act(() => Alpine.store("session").signIn(`sandbox:${this.chosen.trim()}`));
    },
  };
}

const stores = {
  route: routeStore,
  session: sessionStore,
  network: networkStore,
  clock: clockStore,
  toast: toastStore,
  ask: askStore,
  type: typeStore,
  language: languageStore,
  inbox: inboxStore,
  elder: elderStore,
};

for (const [name, store] of Object.entries(stores)) Alpine.store(name, store);
for (const [name, page] of Object.entries({ frame, homePage, signinPage })) Alpine.data(name, page);

/** What another tab handed in or threw away (lib/drafts.js tells it) is over on the page that is open here. */
function watchTabs() {
  if (!("BroadcastChannel" in window)) return;
  const tabs = new BroadcastChannel("yidi.drafts");
  window.addEventListener("draft-told", ({ detail }) => tabs.postMessage(detail));
  tabs.onmessage = ({ data }) => window.dispatchEvent(new CustomEvent("draft-over", { detail: data }));
}

Alpine.directive("dial", dial);
Alpine.store("type").apply();
setRoutes(routes.filter(({ elder }) => !elder || elderStore.on));
if (Alpine.store("session").token) fetchAhead(location.hash).forEach(api.askEarly); // before all else: a browser asks one server for six things at once
startClock();
watchNetwork();
watchTabs();
watchEdges();
markChinese();
Alpine.start();
window.addEventListener("load", () => soon(() => startWorker().then(keepOn).then(eraseOldWriting), { timeout: 3000 }));
elderStore.start().then(() => {
  startRouter(signedInOnly);
  sayAgain();
});
