/** In another language than Chinese: names, and what people wrote, stay as they are; each is marked as Chinese, for the voice that reads it and the font that shows it (WCAG 3.1.2). */

const RUN = /([\u3400-\u9fff《“](?:[\u3400-\u9fff*·（）《》〔〕“”、，：\d -]*[\u3400-\u9fff）》”])?)/; // with the stops within it, as titles have them
const NOT_HERE = "[lang|=zh], option, textarea, script, style, template, title";

const chinese = (text) => Object.assign(document.createElement("span"), { lang: "zh-Hans", className: "name-kept", textContent: text });

function mark(node) {
  const { parentElement: parent } = node;
  if (!RUN.test(node.data) || !parent || parent.closest(NOT_HERE)) return;
  const pieces = node.data.split(RUN).map((piece, place) => (place % 2 ? chinese(piece) : piece));
  if (/flex|grid/.test(getComputedStyle(parent).display)) {
    const whole = document.createElement("span"); // its pieces would be laid out one by one
    whole.append(...pieces);
    node.replaceWith(whole);
  } else node.replaceWith(...pieces);
}

function markBelow(root) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const found = [];
  for (let node = root.nodeType === Node.TEXT_NODE ? root : walker.nextNode(); node; node = walker.nextNode()) found.push(node);
  found.forEach(mark);
}

/** Mark what stands here, and whatever comes. */
export function begin() {
  markBelow(document.body);
  const watched = { childList: true, characterData: true, subtree: true };
  new MutationObserver((changes) => changes.forEach(({ target, addedNodes }) => (addedNodes.length ? addedNodes : [target]).forEach(markBelow))).observe(document.body, watched);
}
