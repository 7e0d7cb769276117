/* What is wrong with the looks of the open page: things beyond its edges, texts too faint to read (WCAG AA). */
() => {
  const shown = (element) => element.checkVisibility({ opacityProperty: true }) && !element.closest(".visually-hidden, .toast");

  const beyond = () => {
    const width = document.documentElement.clientWidth;
    const wide = [...document.querySelectorAll(".phone *, dialog[open] *")].filter((element) => {
      const box = element.getBoundingClientRect();
      return shown(element) && !element.closest(".chips-scroll") && box.width && (box.right > width + 1 || box.left < -1);
    });
    return wide.map((element) => `beyond the edge: ${element.className || element.tagName}`);
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
  const grounds = (element) => {
    if (!element) return [[255, 255, 255]];
    const style = getComputedStyle(element);
    const stops = style.backgroundImage.match(/rgba?\([^)]+\)/g);
    if (stops) return stops.map((stop) => over(numbers(stop), [255, 255, 255]));
    const own = numbers(style.backgroundColor);
    return own[3] === 0 ? grounds(element.parentElement) : grounds(element.parentElement).map((under) => over(own, under));
  };

  const faint = () => {
    const found = [];
    for (const element of document.querySelectorAll("body *")) {
      const text = [...element.childNodes].filter((node) => node.nodeType === 3 && node.data.trim()).map((node) => node.data.trim()).join(" ");
      if (!text || !shown(element) || element.closest(":disabled, [aria-disabled=true], script, noscript")) continue;
      const style = getComputedStyle(element);
      const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
      const worst = Math.min(...grounds(element).map((ground) => ratio(over(numbers(style.color), ground), ground)));
      if (worst < (large ? 3 : 4.5)) found.push(`faint (${worst.toFixed(2)}): ${text}`);
    }
    return found;
  };

  return [...beyond(), ...faint()];
};
