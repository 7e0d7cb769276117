/**
 * What somebody chose to be able to read without a network: the filings and referrals last seen, without diagnoses and insurance
 * codes. It is encrypted under a key that this browser keeps and gives to nobody, and it lasts seven days.
 */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { KEPT_DATABASE, api, eraseKept as erase, rows } from "./api.js";
import { fetchAhead } from "./lazy-pages.js";
import { canSeal, owner, seal, unseal } from "./sealing.js";
import { isoDay } from "./words.js";

export const LASTS_MS = 7 * 86400000;
const AHEAD_MS = 86400000;
const AFTER_WRITING_MS = 2000;
const AGAIN_MS = 5 * 60000;
const MOST = 50;
const ENTRY = "last";
const FOR_GOOD = "9999-12-31";

/** All that is kept of a filing and of a referral: nothing that tells what somebody suffers from. */
const COMMON = ["id", "number", "status", "person", "person_name", "destination_name", "submitted_at", "due_at", "due_provisional", "decided_at", "correct_by"];
const FILING = [...COMMON, "type", "insured_area_name", "starts_on", "ends_on", "valid_from", "valid_until"];
const REFERRAL = [...COMMON, "issued_on", "valid_until", "verification_code", "qr_svg"];

const only = (row, names) => Object.fromEntries(names.map((name) => [name, row[name] ?? null]));
const ofReferral = (row) => ({ ...only(row, REFERRAL), issuer: row.issuer?.name ?? "", receiver: row.receiver?.name ?? "" });

/** Mandates that ended on this page so far. */
let ended = 0;

/** @returns {() => boolean} whether what was begun now still counts: nobody signed out, turned it off or ended a mandate since */
function standing() {
  const [account, before] = [owner(), ended];
  return () => account === owner() && before === ended && isOn();
}

async function write(kept, counts) {
  if (!(await seal(KEPT_DATABASE, ENTRY, JSON.stringify(kept), counts))) await erase();
}

/** @returns {Promise<?{at: number, seen: string, until: Object<string, string>, filings: object[], referrals: object[]}>} null: nothing, or nothing that still counts */
export async function read() {
  if (!isOn()) return null;
  const counts = standing();
  try {
    const text = await unseal(KEPT_DATABASE, ENTRY);
    if (!text) return null;
    const kept = JSON.parse(text);
    const age = Date.now() - kept.at;
    if (-AHEAD_MS < age && age < LASTS_MS) return await withoutGrownUp(kept, counts);
  } catch {
    // somebody else's, or broken: it is of no use
  }
  await erase();
  return null;
}

/** A mandate over a child ends on a day known before: what was kept of it goes then, network or not. */
async function withoutGrownUp(kept, counts) {
  const today = isoDay(Alpine.store("clock").now);
  const [filings, referrals] = [kept.filings, kept.referrals].map((rows) => rows.filter(({ person }) => !(kept.until[person] < today)));
  const left = { ...kept, filings, referrals };
  if (filings.length + referrals.length < kept.filings.length + kept.referrals.length) await write(left, counts);
  return left;
}

export const isPossible = () => Boolean(navigator.serviceWorker) && canSeal();

const flag = () => `yidi.kept.${owner()}`;
export const isOn = () => Boolean(owner() && localStorage.getItem(flag()));

export async function turnOn() {
  localStorage.setItem(flag(), "1");
  const first = refresh();
  begin();
  await first;
}

export function turnOff() {
  localStorage.removeItem(flag());
  return erase();
}

let running = null;

/** One at a time: who asks meanwhile waits for the same answer. */
const refresh = () => (running ??= take().finally(() => (running = null)));

/** Take what the server says now in the place of what was kept; of people one may no longer act for nothing stays. */
async function take() {
  const counts = standing();
  const [persons, filings, referrals] = await Promise.all([
    api.get("persons/"),
    api.get("filings/", { page_size: MOST }),
    api.get("referrals/", { page_size: MOST }),
  ]);
  const until = Object.fromEntries(rows(persons).filter(({ mandate }) => mandate.status === "active").map(({ id, mandate }) => [id, mandate.until ?? FOR_GOOD]));
  const ofMine = (answer) => rows(answer).filter(({ person, status }) => person in until && status !== "draft");
  const shown = await Promise.all(ofMine(referrals).map((row) => (row.status === "approved" ? api.get(`referrals/${row.id}/`) : row)));
  const seen = Alpine.store("clock").now.toISOString();
  await write({ at: Date.now(), seen, until, filings: ofMine(filings).map((row) => only(row, FILING)), referrals: shown.map(ofReferral) }, counts);
  last = Date.now();
}

/** A mandate ended: nothing of anyone stays, and what still counts is taken anew. */
async function takeAnew() {
  ended += 1;
  await erase();
  await running?.catch(() => {});
  last = 0;
  await quietly();
}

const ENDS = /^(DELETE persons|POST mandates)\/[^/]+\/(revoke\/)?$/;

let begun = false;
let last = 0;
let timer = 0;

const quietly = () => isOn() && navigator.onLine && refresh().catch(() => {});

/** After a change, the network's return, and now and then while pages are opened. */
export function begin() {
  if (begun) return;
  begun = true;
  fetchAhead("kept");
  document.addEventListener("written", ({ detail: { method, path } }) => {
    clearTimeout(timer);
    if (ENDS.test(`${method} ${path}`)) return void takeAnew();
    timer = setTimeout(quietly, AFTER_WRITING_MS);
  });
  window.addEventListener("online", quietly);
  window.addEventListener("hashchange", () => Date.now() - last > AGAIN_MS && quietly());
  read().then(quietly, quietly);
}
