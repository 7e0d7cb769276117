/** Translations in which something stays Chinese (names, an area's own words): each such piece is marked, so that it is read aloud as Chinese. */

import Alpine from "../vendor/alpine-csp.esm.min.js";

const CHINESE = "zh-Hans";
const literally = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** @typedef {{text: string, chinese: boolean}} Run a piece of a text, in the language of the page or in simplified Chinese */

/** @param {string[]} originals what stayed Chinese, the longest first  @returns {(text: string) => Run[]} */
export function marks(originals) {
  if (!originals.length) return (text) => [{ text, chinese: false }];
  const known = new Set(originals);
  const pattern = new RegExp(`(${originals.map(literally).join("|")})`);
  return (text) => text.split(pattern).filter(Boolean).map((piece) => ({ text: piece, chinese: known.has(piece) }));
}

/** A notice's translation as the pages show it; null in Chinese, which needs none. */
export function translationOf({ translation }) {
  if (!translation) return null;
  const mark = marks(translation.originals);
  return { remark: translation.remark, title: mark(translation.title), text: mark(translation.text) };
}

function shown({ text, chinese }) {
  if (!chinese) return document.createTextNode(text);
  const span = document.createElement("span");
  span.lang = CHINESE;
  span.textContent = text;
  return span;
}

/** `x-runs="…"`: what `x-text` is for one text, for the runs of one. */
Alpine.directive("runs", (element, { expression }, { evaluateLater, effect }) => {
  const evaluate = evaluateLater(expression);
  effect(() => evaluate((runs) => element.replaceChildren(...(runs ?? []).map(shown))));
});
