/** One question a page: the questions of what is marked `data-questions` are shown one after another, of every form alike. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { t } from "../lib/parts.js";

/** What is one question; of those within another the outer one. `data-question`, `data-result`: what else is shown on a page of its own. */
const QUESTION = ".field, fieldset, .choice, .document, .agree, details, [role=radiogroup], [data-question], [data-result]";
const ALWAYS = ".alert, .mends, .elder-progress, .elder-turn, [role=alert], [role=status], template";
const TOLD = "[data-question], [data-result]";
const WRONG = '[aria-invalid="true"], .field-error:not(:empty)';
const TYPED = "input:not([type=radio], [type=checkbox], [type=file]), select";
const AWAY = "elder-away";

/** What is marked on the open page, its questions, and the one that is shown. */
let root = null;
let all = [];
let current = null;
let wrong = new Set();

/** Which opening of a form a step of the way back belongs to; where the open one stands; whether it got another address meanwhile. */
let opened = 0;
let address = "";
let renamed = false;

const page = () => document.getElementById("page");
const isLast = () => current === all.at(-1);
const isQuestion = (element) => all.includes(element);
const within = (element) => all.filter((one) => element === one || element.contains(one));
/** The page's own button ends it, at the bottom of the form or of the page; other pages end in an answer. */
const hasEnd = () => Boolean(root.querySelector(".weui-btn") ?? root.parentElement.querySelector(":scope > .footer")) || Boolean(current?.matches(TOLD));

function questionsOf(container) {
  const found = [...container.querySelectorAll(QUESTION)].filter(({ style }) => style.display !== "none");
  return found.filter((one) => !found.some((other) => other !== one && other.contains(one)));
}

/** What is none goes with the question it stands before; after the last, with the last. */
function goesAlong(element, siblings) {
  if (element.matches(ALWAYS)) return true;
  const next = siblings.slice(siblings.indexOf(element) + 1).find((one) => within(one).length);
  return next ? within(next)[0] === current : isLast() || Alpine.store("questions").finishing;
}

/** Show what belongs to the current question, and nothing else. */
function lay(container) {
  const children = [...container.children];
  for (const child of children) {
    const questions = within(child);
    const shown = questions.length ? questions.includes(current) : ![root, root.parentElement].includes(container) || goesAlong(child, children);
    child.classList.toggle(AWAY, !shown);
    if (shown && questions.length && !isQuestion(child)) lay(child);
  }
}

/** The questions whose answer is refused: around what says so, or before it. */
function wrongOnes() {
  const before = (mark) => all.findLast((one) => one.compareDocumentPosition(mark) & Node.DOCUMENT_POSITION_FOLLOWING);
  return new Set([...root.querySelectorAll(WRONG)].map((mark) => all.find((one) => one.contains(mark)) ?? before(mark) ?? all[0]));
}

/** What was refused just now is shown, the first of it first; from there one may hand in again. */
function leadToRefused() {
  const now = wrongOnes();
  const fresh = [...now].filter((one) => !wrong.has(one));
  wrong = now;
  if (!fresh.some((one) => one !== current)) return;
  current = all.find((one) => now.has(one));
  Alpine.store("questions").finishing = true;
}

function open(marked) {
  root = marked;
  current = null;
  opened = Date.now();
  wrong = new Set();
  Object.assign(Alpine.store("questions"), { at: history.state?.asked ?? 0, of: 0, lacking: "", finishing: false });
  if (!root) return;
  const [progress, turn] = document.getElementById("page-elder-turn").content.cloneNode(true).children;
  root.before(progress);
  root.after(turn);
}

/** After every change of the page: its questions as they are now. */
function arrange() {
  const marked = page().querySelector("[data-questions]");
  if (marked !== root) open(marked);
  if (!root) return;
  address = location.hash;
  all = questionsOf(root);
  const store = Alpine.store("questions");
  if (!all.includes(current)) current = all[Math.min(store.at, all.length - 1)] ?? null;
  leadToRefused();
  lay(root.parentElement);
  for (const one of all) one.toggleAttribute("data-asked", one === current && all.length > 1);
  Object.assign(store, { at: all.indexOf(current), of: all.length, more: !isLast() || !hasEnd(), counted: root.matches("form"), told: all.every((one) => one.matches(TOLD)) });
}

function turnTo(question) {
  current = question;
  address = location.hash;
  Alpine.store("questions").lacking = "";
  Alpine.store("reading").stop();
  arrange();
  window.scrollTo(0, 0);
}

/** A new question is told from its top, by a screen reader too. */
function show(question) {
  turnTo(question);
  document.querySelector(".elder-progress")?.focus({ preventScroll: true });
}

/** @returns {boolean} the page itself can tell that this answer will be refused; it then says so at its place */
function isRefused(question) {
  const name = question.querySelector("[data-error]")?.dataset.error;
  const data = Alpine.$data(question);
  const problem = name && data.missing?.()[name];
  if (problem) data.errors = { ...data.errors, [name]: problem };
  return Boolean(problem);
}

/** @returns {string} what is not answered yet; what nobody refuses may stay empty */
function lackingOf(question) {
  if (question.matches(`details, ${TOLD}`) || question.querySelector(".optional")) return "";
  const radios = [...question.querySelectorAll("[type=radio]")];
  if (question.querySelector(".placeholder") || (radios.length && !radios.some(({ checked }) => checked))) return t("请先选好，再点“下一步”。");
  if (!question.querySelector("[data-error]") || ![...question.querySelectorAll(TYPED)].some(({ value }) => !value)) return "";
  return t("这里还没有填。没有的话，再点一次“下一步”。");
}

Alpine.store("questions", {
  at: 0,
  of: 0,
  more: false,
  counted: false,
  told: false,
  lacking: "",
  finishing: false,
  get progress() {
    const gaps = { at: this.at + 1, of: this.of };
    if (this.told) return t("第 {at} 页，共 {of} 页", gaps);
    return this.counted ? t("第 {at} 步，共 {of} 步", gaps) : t("第 {at} 步", gaps);
  },
  /** Pages are turned, questions are steps. */
  get forth() {
    return this.told ? t("下一页") : t("下一步");
  },
  get before() {
    return this.told ? t("上一页") : t("上一步");
  },
  next() {
    if (isRefused(current)) return;
    const lacking = lackingOf(current);
    if (lacking && lacking !== this.lacking) this.lacking = lacking;
    else if (!isLast()) this.turn();
    else this.missed();
  },
  /** Each question is a step of the phone's own way back; what is told is one with its page. */
  turn() {
    const { at, told } = this;
    if (!told) {
      history.replaceState({ asked: at, opened }, "");
      history.pushState({ asked: at + 1, opened }, "");
    }
    show(all[at + 1]);
  },
  back() {
    if (this.at === history.state?.asked) history.back();
    else show(all[this.at - 1]);
  },
  /** No answer comes yet: to the first question that has none. */
  missed() {
    const open = all.find(lackingOf);
    if (open) show(open);
    this.lacking = open ? lackingOf(open) : "";
  },
});

/** Somebody is wanted at this place: to mend what was marked, or what they came back for. */
function wanted({ target }) {
  arrange();
  const question = all.find((one) => one.contains(target)) ?? within(target)[0];
  if (!question) return;
  Alpine.store("questions").finishing = true;
  turnTo(question);
}

/** The way back leads to the question before, from the first one to the page before. */
function backwards(event) {
  if (!event.target.closest?.(".bar-back") || !root || !Alpine.store("questions").at) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  Alpine.store("questions").back();
}

/** The phone's own way back, to a question of this page. Where its draft got an address of its own meanwhile, the question gets it too. */
function phoneBack() {
  const { state } = history;
  const moved = location.hash !== address;
  if (!root || !all[state?.asked] || (moved && state.opened !== opened)) return;
  renamed = moved;
  if (moved) history.replaceState(state, "", address);
  if (all[state.asked] !== current) show(all[state.asked]);
}

/** The page stays as it is: only its address was another before. */
function hashChanged(event) {
  if (renamed) event.stopImmediatePropagation();
  renamed = false;
}

/** Enter in a field answers the question; only from the last one, or after mending, it hands the form in. */
function submits(event) {
  wrong = new Set();
  const store = Alpine.store("questions");
  if (event.target !== root || isLast() || store.finishing) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  store.next();
}

export function watchQuestions() {
  const changes = { childList: true, subtree: true, attributes: true, attributeFilter: ["aria-invalid"] };
  new MutationObserver(arrange).observe(page(), changes);
  page().addEventListener("wanted", wanted);
  page().addEventListener("submit", submits, true);
  document.addEventListener("click", backwards, true);
  window.addEventListener("popstate", phoneBack);
  window.addEventListener("hashchange", hashChanged);
  arrange();
}
