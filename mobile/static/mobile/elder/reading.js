/** Reads aloud what matters on the open page, by the phone's own voice: never a number of a certificate, a card or a case. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { language } from "../lib/parts.js";

/** Of a page that has any of it this is read: how a case stands, whether and how much, what is wrong. Of others, all of it. */
const MATTERS = ".alert, .status, .verdict, .condition.tone-bad, .guide-answer, .done";
const SILENT = "template, script, svg, select, .languages, .elder-turn-buttons, [aria-hidden=true]";

/** Which voices fit, the best first. Cantonese is another language than the one written here. */
const VOICES = { "zh-CN": [/^(zh|cmn)-(hans-)?cn/i], "zh-Hant": [/^(zh|cmn)-(hant-)?tw/i, /^(zh|cmn)-(hans-)?cn/i], en: [/^en/i] };
const ANY_CHINESE = /^(zh|cmn)(?!-(hant-)?hk)/i;

const PHONE = /(?<![\w*])(12393|0\d{2,3}-\d{7,8}|1[3-9]\d{9})(?![\w*])/;
const NUMBER = /[A-Za-z0-9*＊•]{7,}/g;
const DIGITS = /[\d*＊•]/g;
const SENTENCE_ENDS = /(?<=[。！？；!?;])/;
const SLOWLY = 0.9;

const speech = globalThis.speechSynthesis;
let voice = null;

/** What is being said: a browser may forget what nobody holds, and then never says that it is over. @type {SpeechSynthesisUtterance[]} */
let utterances = [];

function findVoice() {
  const wanted = [...(VOICES[language] ?? []), language === "en" ? /^en/i : ANY_CHINESE];
  const voices = speech?.getVoices() ?? [];
  const tagOf = ({ lang }) => lang.replace("_", "-");
  voice = wanted.map((tag) => voices.find((each) => tag.test(tagOf(each)))).find(Boolean) ?? null;
  Alpine.store("reading").able = Boolean(voice);
}

const isShown = (element) => (element.checkVisibility ? element.checkVisibility() : element.getClientRects().length > 0);

/** @returns {string} the words that are to be seen, each block on a line of its own; not what somebody typed */
function wordsOf(element) {
  let words = "";
  for (const child of element.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) words += child.data.replace(/\s+/g, " ");
    else if (child.nodeType === Node.ELEMENT_NODE && !child.matches(SILENT) && isShown(child)) {
      const inline = getComputedStyle(child).display.startsWith("inline");
      words += inline ? wordsOf(child) : `\n${wordsOf(child)}\n`;
    }
  }
  return words;
}

/** A telephone number digit by digit; other long numbers are nobody's to hear. */
const spoken = (part, index) => (index % 2 ? [...part].join(" ") : part.replace(NUMBER, (found) => (found.match(DIGITS)?.length >= 4 ? "" : found)));

/** @returns {string[]} sentences, short enough for every phone */
function sentences(text) {
  const lines = text.split("\n").map((line) => line.split(PHONE).map(spoken).join("").trim());
  return lines.flatMap((line) => line.split(SENTENCE_ENDS)).map((each) => each.trim()).filter((each) => /[\p{L}\p{N}]/u.test(each));
}

/** @returns {Element[]} the outermost of those that are shown */
function shownOf(page, selector) {
  const found = [...page.querySelectorAll(selector)].filter(isShown);
  return found.filter((one) => !found.some((other) => other !== one && other.contains(one)));
}

/** The question that is asked, below what its group is about. */
function ofQuestion(question) {
  const title = question.closest(".group")?.querySelector(":scope > .group-title");
  return [title && !question.contains(title) && isShown(title) ? title : null, question].filter(Boolean);
}

/** @returns {Element[]} what is read of the open page, after its title */
function partsOf(page) {
  const question = page.querySelector("[data-asked]");
  const matters = shownOf(page, MATTERS);
  if (!question) return matters.length ? matters : [page];
  if (question.matches("[data-result]") && matters.length) return matters;
  return [...shownOf(page, ".elder-progress"), ...matters.filter((each) => !question.contains(each)), ...ofQuestion(question)];
}

Alpine.store("reading", {
  able: false,
  on: false,
  toggle() {
    if (this.on) this.stop();
    else this.start();
  },
  start() {
    const parts = [document.getElementById("page-title"), ...partsOf(document.getElementById("page"))];
    const said = sentences(parts.map(wordsOf).join("\n"));
    speech.cancel();
    this.on = true;
    const over = () => (this.on = false);
    utterances = said.map((text) => Object.assign(new SpeechSynthesisUtterance(text), { lang: voice.lang, rate: SLOWLY, voice }));
    utterances.at(-1).onend = over;
    for (const utterance of utterances) speech.speak(utterance);
  },
  stop() {
    if (this.on) speech.cancel();
    this.on = false;
  },
});

/** Voices may come late; reading ends when the page is left. */
export function watchReading() {
  const stop = () => Alpine.store("reading").stop();
  findVoice();
  speech?.addEventListener("voiceschanged", findVoice);
  window.addEventListener("hashchange", stop);
  window.addEventListener("pagehide", stop);
  document.addEventListener("visibilitychange", () => document.hidden && stop());
}
