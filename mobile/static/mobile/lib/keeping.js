/** What someone writes stays on this phone, for their account, through reloads and bad networks, until they are done or sign out. */

import Alpine from "../vendor/alpine-csp.esm.min.js";

/** @type {{store: string, prefix: string, blank: () => object}[]} */
const kept = [];

/** What begins with an underscore is of this moment only (progress, preview pictures). */
const lasting = (name, value) => (name.startsWith("_") ? undefined : value);

const read = (name) => JSON.parse(localStorage.getItem(name) ?? "{}");

/**
 * Read the account's `data` of a store when someone signs in, and write it down at every change.
 * @param {string} store  @param {string} prefix  @param {() => object} blank  @param {(data: object) => object} [mend] of what was read
 */
export function keep(store, prefix, blank, mend = (data) => data) {
  kept.push({ store, prefix, blank });
  const place = () => {
    const { account } = Alpine.store("session");
    return account && prefix + account.id;
  };
  let owner = null;
  Alpine.effect(() => {
    owner = place();
    if (owner) Alpine.store(store).data = mend({ ...blank(), ...read(owner) });
  });
  Alpine.effect(() => {
    const text = JSON.stringify(Alpine.store(store).data, lasting);
    if (owner && owner === place()) localStorage.setItem(owner, text);
  });
}

/** Nothing of a person stays on a phone that was signed out. */
export function forgetKept() {
  for (const { store, prefix, blank } of kept) {
    Alpine.store(store).data = blank();
    const names = Object.keys(localStorage).filter((name) => name.startsWith(prefix));
    for (const name of names) localStorage.removeItem(name);
  }
}
