/** Starts the phone pages: the stores, one component a page, then the router. */

import Alpine from "./vendor/alpine-csp.esm.min.js";
import { areasStore } from "./lib/areas.js";
import { arrive } from "./lib/arriving.js";
import { clockStore, startClock } from "./lib/clock.js";
import { askStore, toastStore } from "./lib/dialogs.js";
import { draftStore, keepDraft, stepInstead } from "./lib/draft.js";
import { hospitalsStore } from "./lib/hospitals.js";
import { inboxStore } from "./lib/inbox.js";
import { keepShell, networkStore, watchNetwork } from "./lib/network.js";
import { routeStore, startRouter } from "./lib/router.js";
import { connectSession, sessionStore, signedInOnly } from "./lib/session.js";
import { typeStore } from "./lib/type.js";
import { keepVisit, visitStore } from "./lib/visit.js";
import { pages } from "./pages/index.js";

const stores = {
  route: routeStore,
  session: sessionStore,
  network: networkStore,
  clock: clockStore,
  toast: toastStore,
  ask: askStore,
  type: typeStore,
  draft: draftStore,
  visit: visitStore,
  areas: areasStore,
  hospitals: hospitalsStore,
  inbox: inboxStore,
};

for (const [name, store] of Object.entries(stores)) Alpine.store(name, store);
for (const [name, page] of Object.entries(pages)) Alpine.data(name, page);

Alpine.store("type").apply();
connectSession();
keepDraft();
keepVisit();
watchNetwork();
Alpine.start();
await startClock();
startRouter((route) => signedInOnly(route) ?? stepInstead(route));
await arrive().catch(() => {});
keepShell();
