/**
 * What somebody writes that the server has not, or not yet: on this phone, encrypted (lib/sealing.js), for the account that wrote it alone, until
 * it is dropped, somebody signs out, or nothing was written for seven days (api.js erases it).
 */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { hasWriting, lasting, noteWriting, takenFor, writtenDatabase } from "./api.js";
import { expectWriting } from "./parts.js";
import { canSeal, dropSealed, owner, seal, sealedIn, unseal } from "./sealing.js";

/** What is on its way there, by its entry (null: it is being dropped); where nothing can be sealed (no HTTPS), all of it, as long as the pages stay open. */
const atHand = new Map();

/** @returns {boolean} whether there is a database to look into */
const isKept = () => canSeal() && hasWriting();

/** One after the other, so that the last word counts. */
let running = Promise.resolve();
const inTurn = (work) => (running = running.then(work).catch(() => {}));

const arrived = (entry, text) => atHand.get(entry) === text && atHand.delete(entry);

/** @param {string} entry  @param {object} data  of it what begins with an underscore is not written */
export function write(entry, data) {
  const account = owner();
  if (!account) return;
  const text = JSON.stringify(data, lasting);
  atHand.set(entry, text);
  if (!canSeal()) return;
  noteWriting();
  inTurn(async () => {
    if (atHand.get(entry) !== text) return;
    await seal(writtenDatabase(), entry, text, () => owner() === account && hasWriting());
    arrived(entry, text);
  });
}

export function drop(entry) {
  atHand.set(entry, null);
  inTurn(async () => {
    if (isKept()) await dropSealed(writtenDatabase(), entry);
    arrived(entry, null);
  });
}

const textOf = async (entry) => (atHand.has(entry) ? atHand.get(entry) : isKept() ? unseal(writtenDatabase(), entry).catch(() => null) : null);

/** @returns {Promise<?object>} what was written last, in whichever tab */
export const read = async (entry) => JSON.parse((await textOf(entry)) ?? "null");

/** @param {string} start  @returns {Promise<string[]>} the entries that begin so */
export async function entriesOf(start) {
  const sealed = isKept() ? await sealedIn(writtenDatabase()).catch(() => []) : [];
  const all = new Set([...sealed, ...atHand.keys()]);
  return [...all].filter((entry) => entry.startsWith(start) && atHand.get(entry) !== null);
}

/** @param {string} start  @returns {Promise<{entry: string, data: object}[]>} */
export async function readAll(start) {
  const found = (await entriesOf(start)).map(async (entry) => ({ entry, data: await read(entry) }));
  return (await Promise.all(found)).filter(({ data }) => data);
}

/** What is typed before anybody signed in, in this tab alone. */
const asNobody = (name) => `yidi.${name}.nobody`;

/**
 * The account's `data` of a store is read when someone signs in, and written at every change; pages open when it is there.
 * @param {string} store  @param {string} name  @param {() => object} blank
 * @param {{mend?: (data: object) => object, begun: (data: object) => boolean}} how `mend` what was read; `begun`: whether somebody who had
 * not signed in had typed something, which is theirs from then on
 */
export function persist(store, name, blank, { mend = (data) => data, begun }) {
  const entry = `store ${name}`;
  const show = (data) => (Alpine.store(store).data = mend({ ...blank(), ...data }));
  let whose = "";
  let known = "";
  async function recall(account) {
    const typed = JSON.parse(takenFor(asNobody(name)) || "null");
    const theirs = typed && begun(typed);
    const data = theirs ? typed : await read(entry);
    if (owner() !== account) return;
    const text = JSON.stringify(show(data), lasting);
    known = theirs ? "" : text;
    whose = account;
  }
  Alpine.effect(() => {
    const account = owner();
    if (account) expectWriting(recall(account));
    else show(JSON.parse(sessionStorage.getItem(asNobody(name)) ?? "{}"));
  });
  Alpine.effect(() => {
    const { data } = Alpine.store(store);
    const text = JSON.stringify(data, lasting);
    if (!owner()) return void (begun(data) && sessionStorage.setItem(asNobody(name), text));
    if (owner() === whose && text !== known) write(entry, data);
  });
}
