/** What lies encrypted on this phone: under a key that the browser keeps and gives to nobody, and for the account that wrote it alone. */

import Alpine from "../vendor/alpine-csp.esm.min.js";

const STORE = "kept";
const KEY = "key";

export const canSeal = () => Boolean(globalThis.crypto?.subtle && globalThis.indexedDB);

/** @returns {string} whose it is: the account that is signed in */
export const owner = () => Alpine.store("session").account?.id ?? "";

const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

async function database(name) {
  const opening = indexedDB.open(name, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const found = await done(opening);
  found.onversionchange = () => found.close(); // it is being erased
  return found;
}

/** One look into a database, which is closed at once. */
async function within(name, mode, work) {
  const found = await database(name);
  try {
    return await work(found.transaction(STORE, mode).objectStore(STORE));
  } finally {
    found.close();
  }
}

/** A key of which the browser says nothing to anyone; of two that are made at once the first counts. */
async function keyOf(name) {
  const known = await within(name, "readonly", (store) => done(store.get(KEY)));
  if (known) return known;
  const fresh = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  return within(name, "readwrite", async (store) => {
    const first = await done(store.get(KEY));
    if (!first) await done(store.put(fresh, KEY));
    return first ?? fresh;
  });
}

const cipher = (iv) => ({ name: "AES-GCM", iv, additionalData: new TextEncoder().encode(owner()) });

/**
 * @param {string} name of the database  @param {string} entry  @param {string} text
 * @param {() => boolean} [counts] whether it is still wanted when it is sealed
 */
export async function seal(name, entry, text, counts = () => true) {
  const key = await keyOf(name);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = await crypto.subtle.encrypt(cipher(iv), key, new TextEncoder().encode(text));
  if (!counts()) return false;
  await within(name, "readwrite", (store) => done(store.put({ iv, sealed }, entry)));
  return true;
}

/** @returns {Promise<?string>} null without any; throws for what is somebody else's, or broken */
export async function unseal(name, entry) {
  const [key, found] = await within(name, "readonly", (store) => Promise.all([done(store.get(KEY)), done(store.get(entry))]));
  if (!key || !found) return null;
  return new TextDecoder().decode(await crypto.subtle.decrypt(cipher(found.iv), key, found.sealed));
}

export const dropSealed = (name, entry) => within(name, "readwrite", (store) => done(store.delete(entry)));

/** @returns {Promise<string[]>} what there is, by its names */
export const sealedIn = async (name) => (await within(name, "readonly", (store) => done(store.getAllKeys()))).filter((entry) => entry !== KEY);
