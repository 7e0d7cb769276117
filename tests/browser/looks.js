/*
 * What is wrong with the looks of the open page, or of the dialog above it; `asked` names what is looked for:
 * edges   things beyond the screen's edges, and a page that scrolls sideways
 * cut     texts that are cut off, or lie over each other
 * hidden  what has the focus, or its label, behind the bar or what stands at the foot (WCAG 2.4.11)
 * faint   texts too faint to read, also on gradients (WCAG 1.4.3)
 * moving  what moves all the same where somebody wants nothing to move (prefers-reduced-motion)
 * nameless  what can be used without a word for it; what answers a click and no key
 * small   what can be used and is smaller than a finger (44 px), unless it stands in a sentence
 */
(asked) => {
  const top = [...document.querySelectorAll("dialog[open]")].at(-1);
  const root = top ?? document.querySelector(".phone") ?? document.body;
  const shown = (element) => element.checkVisibility({ opacityProperty: true }) && !element.closest(".visually-hidden, .toast");
  const named = (element) => element.id || element.className.baseVal || element.className || element.tagName;
  const words = (node) => node.data.trim().slice(0, 20);

  const edges = () => {
    const width = document.documentElement.clientWidth;
    const wide = [...root.querySelectorAll("*")].filter((element) => {
      const box = element.getBoundingClientRect();
      return shown(element) && !element.closest(".chips-scroll, .photo-stage, .yd-scroll") && box.width && (box.right > width + 1 || box.left < -1);
    });
    const sideways = document.documentElement.scrollWidth > width ? ["scrolls sideways"] : [];
    return [...sideways, ...wide.map((element) => `beyond the edge: ${named(element)}`)];
  };

  const textNodes = () => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) if (walker.currentNode.data.trim() && shown(walker.currentNode.parentElement)) found.push(walker.currentNode);
    return found;
  };
  const rectsOf = (node) => {
    const range = document.createRange();
    range.selectNodeContents(node);
    return [...range.getClientRects()].filter(({ width, height }) => width > 1 && height > 1);
  };

  /* Boxes that show only part of what they hold, unless they scroll. */
  const cut = () => {
    const found = [];
    for (const node of textNodes()) {
      for (let box = node.parentElement; box && box !== root.parentElement; box = box.parentElement) {
        const { overflowX, overflowY } = getComputedStyle(box);
        const across = overflowX === "hidden" || overflowX === "clip";
        const down = overflowY === "hidden" || overflowY === "clip";
        if (across && box.scrollWidth > box.clientWidth + 1) found.push(`cut off: ${words(node)}`);
        if (down && box.scrollHeight > box.clientHeight + 1) found.push(`cut off below: ${words(node)}`);
      }
    }
    return [...found, ...overlapping()];
  };
  const MOST = 0.4;
  const overlapping = () => {
    const still = ".bar, .tabs, .footer, .mends, .clock-bar";
    const rects = textNodes().filter((node) => !node.parentElement.closest(still)).flatMap((node) => rectsOf(node).map((rect) => ({ node, rect })));
    const found = [];
    for (const [index, { node, rect }] of rects.entries()) {
      for (const other of rects.slice(index + 1)) {
        const across = Math.min(rect.right, other.rect.right) - Math.max(rect.left, other.rect.left);
        const down = Math.min(rect.bottom, other.rect.bottom) - Math.max(rect.top, other.rect.top);
        if (across > 2 && down > MOST * Math.min(rect.height, other.rect.height)) found.push(`over each other: ${words(node)} / ${words(other.node)}`);
      }
    }
    return found;
  };

  const FOCUSABLE = "a[href], button, input, select, textarea, summary, [tabindex='0']";
  const usable = () => [...root.querySelectorAll(FOCUSABLE)].filter((element) => element.checkVisibility() && !element.disabled && element.tabIndex >= 0);

  const LEAST = 44;
  const hidden = () => {
    const before = document.activeElement;
    const found = [];
    const all = usable();
    const shared = (one, other) => Math.max(0, Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top));
    const screen = { top: 0, bottom: innerHeight };
    for (const element of [...all, ...all.toReversed()]) {
      if (element.closest(".bar, .mends, .footer, .tabs")) continue;
      element.focus();
      const still = [...root.querySelectorAll(".bar, .mends, .tabs, .footer")].map((one) => one.getBoundingClientRect());
      const small = element.matches(".visually-hidden, .chip input");
      const parts = [small ? element.closest("label") : element];
      if (element.matches(".field-input, .select")) parts.push(...[...(element.labels ?? [])].filter((label) => !label.matches(".group-title")));
      for (const part of parts) {
        const box = part.getBoundingClientRect();
        const seen = still.reduce((left, frame) => left - shared(box, frame), shared(box, screen));
        if (seen < Math.min(box.height, LEAST) - 2) found.push(`hidden with the focus: ${named(part)}`);
      }
    }
    before?.focus?.({ preventScroll: true });
    scrollTo(0, 0);
    return found;
  };

  const numbers = (colour) => colour.match(/[\d.]+/g).map(Number);
  const over = ([r, g, b, a = 1], under) => [r, g, b].map((value, index) => value * a + under[index] * (1 - a));
  const light = (colour) => {
    const [r, g, b] = colour.map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (one, other) => {
    const [high, low] = [light(one), light(other)].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
  };

  /* Every colour that may stand behind an element: one, or the stops of a gradient. */
  const canvas = matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18] : [255, 255, 255];
  const grounds = (element) => {
    if (!element) return [canvas];
    const style = getComputedStyle(element);
    const stops = style.backgroundImage.match(/rgba?\([^)]+\)/g);
    if (stops) return stops.map((stop) => over(numbers(stop), canvas));
    const own = numbers(style.backgroundColor);
    return own[3] === 0 ? grounds(element.parentElement) : grounds(element.parentElement).map((under) => over(own, under));
  };

  const faint = () => {
    const found = [];
    for (const node of textNodes()) {
      const element = node.parentElement;
      if (element.closest(":disabled, [aria-disabled=true], script, noscript, option")) continue;
      const style = getComputedStyle(element);
      const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
      const worst = Math.min(...grounds(element).map((ground) => ratio(over(numbers(style.color), ground), ground)));
      if (worst < (large ? 3 : 4.5)) found.push(`faint (${worst.toFixed(2)}): ${words(node)}`);
    }
    return found;
  };

  const KEYED = "a, button, input, select, textarea, summary, label, nav, form, img";
  const nameless = () => {
    const silent = usable().filter((one) => !(one.innerText || one.ariaLabel || one.labels?.length || one.title || one.matches(".photo-stage, .notice-text")));
    const clicked = [...root.querySelectorAll("*")].filter((one) => one.hasAttribute("@click") && !one.matches(KEYED));
    return [...silent.map((one) => `without a name: ${one.outerHTML.slice(0, 80)}`), ...clicked.map((one) => `answers no key: ${named(one)}`)];
  };

  const LONGEST_S = 0.01;
  const seconds = (times) => Math.max(...times.split(", ").map((time) => parseFloat(time) * (time.endsWith("ms") ? 0.001 : 1)));
  const moving = () => {
    const moved = [...root.querySelectorAll("*")].filter((element) => {
      const { animationName, animationDuration, transitionDuration } = getComputedStyle(element);
      return seconds(transitionDuration) > LONGEST_S || (animationName !== "none" && seconds(animationDuration) > LONGEST_S);
    });
    return moved.map((element) => `moves: ${named(element)}`);
  };

  const inSentence = (one) => getComputedStyle(one).display === "inline" && one.parentElement.innerText.trim() !== one.innerText.trim();
  const areaOf = (one) => (one.matches(".visually-hidden, .chip input, [type=checkbox], [type=radio], .search-input") ? (one.closest("label, .search, .agree") ?? one) : one);
  const small = () => {
    const found = usable().filter((one) => !one.closest(".clock-bar") && !inSentence(one));
    const boxes = found.map((one) => [one, areaOf(one).getBoundingClientRect()]);
    const low = boxes.filter(([, { width, height }]) => Math.min(width, height) < LEAST - 0.5);
    return low.map(([one, { width, height }]) => `smaller than a finger (${Math.round(width)} × ${Math.round(height)}): ${one.innerText?.trim().slice(0, 20) || named(one)}`);
  };

  const checks = { edges, cut, hidden, faint, nameless, moving, small };
  return [...new Set(asked.flatMap((name) => checks[name]()))];
};
