// The scans beside the form: fit, zoom, drag, turn, page by page. How a page is turned is remembered by the server. A page is
// fetched when it is opened, not before: every opening is on record.
"use strict";

const viewer = document.getElementById("scans");
const list = document.getElementById("scans-list");
if (list) {
  const MOST = 8;
  const scans = JSON.parse(list.textContent).filter((scan) => scan.ready);
  const pages = scans.flatMap((scan) => scan.pages.map((url, index) => ({ scan, url, number: index + 1 })));
  const stage = viewer.querySelector(".yd-stage");
  const picture = stage.querySelector("img");
  const [hint, broken] = stage.querySelectorAll("p");
  const count = viewer.querySelector("output");
  const file = viewer.querySelector("[data-file]");
  let at = -1;
  let view = { zoom: 1, x: 0, y: 0 };

  const turned = () => Number(pages[at]?.scan.turns[pages[at].number] ?? 0);

  /** How large the picture is when it just fits, as it is turned. */
  const fitting = () => {
    const [wide, high] = turned() % 180 ? ["naturalHeight", "naturalWidth"] : ["naturalWidth", "naturalHeight"];
    return Math.min(stage.clientWidth / picture[wide], stage.clientHeight / picture[high]) || 1;
  };

  const draw = () => {
    const size = fitting() * view.zoom;
    picture.style.transform =
      `translate(-50%, -50%) translate(${view.x}px, ${view.y}px) rotate(${turned()}deg) scale(${size})`;
    stage.classList.toggle("yd-zoomed", view.zoom > 1);
  };

  const fit = () => {
    view = { zoom: 1, x: 0, y: 0 };
    draw();
  };

  /** Zoom so that what lies under the pointer (from the middle of the stage) stays there. */
  const zoom = (factor, x = 0, y = 0) => {
    const next = Math.min(MOST, Math.max(1, view.zoom * factor));
    const grown = next / view.zoom;
    view = next === 1 ? { zoom: 1, x: 0, y: 0 }
      : { zoom: next, x: x - (x - view.x) * grown, y: y - (y - view.y) * grown };
    draw();
  };

  const open = (index) => {
    if (!pages[index]) return;
    at = index;
    const { scan, url, number } = pages[at];
    hint.hidden = broken.hidden = picture.hidden = true;
    picture.src = url;
    picture.alt = `${scan.label} ${number} / ${scan.pages.length}`;
    file.href = scan.file;
    file.hidden = false;
    count.value = pages.length > 1 ? `${at + 1} / ${pages.length}` : "";
    viewer.querySelectorAll("[data-scan]").forEach((one) => {
      one.setAttribute("aria-pressed", String(one.dataset.scan === scan.id));
    });
  };
  picture.addEventListener("load", () => { picture.hidden = false; fit(); });
  picture.addEventListener("error", () => { broken.hidden = false; });

  const turn = (by) => {
    if (at < 0) return;
    const { scan, number } = pages[at];
    const body = new FormData(viewer.querySelector("form"));
    scan.turns[number] = (turned() + by + 360) % 360;
    body.set("page", String(number));
    body.set("degrees", String(scan.turns[number]));
    fit();
    fetch(scan.turn, { method: "POST", body }).catch(() => {});
  };

  const ACTS = {
    before: () => open(at - 1),
    after: () => open(at + 1),
    fit,
    in: () => zoom(1.4),
    out: () => zoom(1 / 1.4),
    left: () => turn(-90),
    right: () => turn(90),
  };
  viewer.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.scan) open(pages.findIndex((page) => page.scan.id === button.dataset.scan));
    else if (button?.dataset.do) ACTS[button.dataset.do]();
  });

  const KEYS = {
    ArrowLeft: "before", ArrowRight: "after", 0: "fit", "+": "in", "=": "in", "-": "out", "[": "left", "]": "right",
    "【": "left", "】": "right",
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.target.closest("input, textarea, select, dialog") || !KEYS[event.key]) return;
    event.preventDefault();
    ACTS[KEYS[event.key]]();
  });

  const fromMiddle = (event) => {
    const box = stage.getBoundingClientRect();
    return [event.clientX - box.left - box.width / 2, event.clientY - box.top - box.height / 2];
  };
  stage.addEventListener("wheel", (event) => {
    if (at < 0) return;
    event.preventDefault();
    zoom(Math.exp(-event.deltaY / 400), ...fromMiddle(event));
  }, { passive: false });
  stage.addEventListener("dblclick", (event) => (view.zoom > 1 ? fit() : zoom(2.5, ...fromMiddle(event))));
  stage.addEventListener("pointerdown", (event) => {
    if (view.zoom > 1) stage.setPointerCapture(event.pointerId);
  });
  stage.addEventListener("pointermove", (event) => {
    if (!stage.hasPointerCapture(event.pointerId)) return;
    view.x += event.movementX;
    view.y += event.movementY;
    draw();
  });
  new ResizeObserver(draw).observe(stage);

  if ("open" in viewer.dataset) open(0);
}
