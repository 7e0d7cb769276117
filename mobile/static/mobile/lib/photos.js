/** Photos before they are sent: made small, turned and cropped on the phone, one after another so that memory lasts. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { showSheet } from "./lazy-pages.js";
import { bring, t } from "./parts.js";

const SIDE = 2560;
const QUALITY = 0.85;
const PICTURE = /^image\//;

/** @typedef {{left: number, top: number, right: number, bottom: number}} Crop in parts of the picture, from 0 to 1 */

/** @type {Crop} */
export const WHOLE = { left: 0, top: 0, right: 1, bottom: 1 };

/** @returns {boolean} by what the phone says it is, or by its name: some phones say nothing of HEIC */
export const isPicture = (file) => PICTURE.test(file.type) || /\.hei[cf]$/i.test(file.name);

/** The header alone is read for this, not the pixels. @returns {Promise<{width: number, height: number}>} turned as the camera said */
async function sizeOf(blob) {
  const image = new Image();
  image.src = URL.createObjectURL(blob);
  try {
    await new Promise((resolve, reject) => Object.assign(image, { onload: resolve, onerror: reject }));
    return { width: image.naturalWidth, height: image.naturalHeight };
  } finally {
    URL.revokeObjectURL(image.src);
  }
}

/** The browser makes it small while it decodes: 108 megapixels never stand in memory as a canvas. @returns {Promise<ImageBitmap>} */
async function decoded(blob) {
  const { width, height } = await sizeOf(blob);
  const scale = Math.min(1, SIDE / Math.max(width, height));
  const size = { resizeWidth: Math.max(1, Math.round(width * scale)), resizeHeight: Math.max(1, Math.round(height * scale)) };
  return createImageBitmap(blob, scale < 1 ? { ...size, resizeQuality: "high" } : {});
}

/** @returns {Promise<Blob>} a JPEG */
async function drawn(bitmap, turns, crop) {
  const across = turns % 2 ? bitmap.height : bitmap.width;
  const down = turns % 2 ? bitmap.width : bitmap.height;
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(across * (crop.right - crop.left)));
  canvas.height = Math.max(1, Math.round(down * (crop.bottom - crop.top)));
  const pen = canvas.getContext("2d");
  pen.fillStyle = "white";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.translate(across / 2 - across * crop.left, down / 2 - down * crop.top);
  pen.rotate((turns * Math.PI) / 2);
  pen.drawImage(bitmap, -bitmap.width / 2, -bitmap.height / 2);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  canvas.width = canvas.height = 0;
  if (!blob) throw new Error("no picture");
  return blob;
}

/** @param {Blob} blob  @param {{turns?: number, crop?: Crop}} [how] quarters to the right, then cropped  @returns {Promise<Blob>} */
export async function render(blob, { turns = 0, crop = WHOLE } = {}) {
  const bitmap = await decoded(blob);
  try {
    return await drawn(bitmap, turns, crop);
  } finally {
    bitmap.close();
  }
}

let last = Promise.resolve();

/** Photos chosen together wait for each other. */
function inTurn(work) {
  const done = last.then(work);
  last = done.catch(() => {});
  return done;
}

/**
 * A photo as it is sent: small, if that makes it lighter. What this phone cannot read goes as it is; the server can.
 * @param {File} file  @returns {Promise<{blob: Blob, seen: boolean}>} seen: it can be shown here
 */
export async function prepared(file) {
  if (!isPicture(file)) return { blob: file, seen: false };
  try {
    const small = await inTurn(() => render(file));
    return { blob: small.size < file.size ? small : file, seen: true };
  } catch {
    return { blob: file, seen: false };
  }
}

// Seen in full before it is sent, turned and cropped

const STEP = 0.02;
const LEAST = 0.1;
const KEYS = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
const CORNERS = [
  { name: t("裁剪框左上角，用方向键移动"), x: "left", y: "top" },
  { name: t("裁剪框右上角，用方向键移动"), x: "right", y: "top" },
  { name: t("裁剪框左下角，用方向键移动"), x: "left", y: "bottom" },
  { name: t("裁剪框右下角，用方向键移动"), x: "right", y: "bottom" },
];
const between = (least, value, most) => Math.min(most, Math.max(least, value));
const percent = (part) => `${part * 100}%`;

const dialog = () => document.getElementById("photo");

const photoStore = {
  title: "",
  source: null,
  shown: "",
  turns: 0,
  crop: { ...WHOLE },
  cropping: false,
  large: false,
  busy: false,
  problem: "",
  resolve: () => {},
  corners: CORNERS,
  _queue: Promise.resolve(),

  /** @param {{title: string, read: () => Promise<Blob>}} photo  @returns {Promise<?Blob>} what was made of it; null: it stays */
  async open({ title, read }) {
    await bring("photos");
    Object.assign(this, { title, source: null, shown: "", turns: 0, crop: { ...WHOLE }, cropping: false, large: false, busy: true, problem: "", _queue: Promise.resolve() });
    const answer = new Promise((resolve) => (this.resolve = resolve));
    const closed = showSheet(dialog());
    this.load(read, this.resolve);
    await closed;
    return answer;
  },
  /** A picture that comes when its dialog was closed is let go: by then another may be open. */
  async load(read, opening) {
    try {
      const blob = await read();
      if (this.resolve !== opening) return;
      this.source = Alpine.raw(blob);
      this.show(this.source);
    } catch {
      if (this.resolve === opening) this.problem = t("这张照片在这部手机上不能显示；上传后可以查看。");
    } finally {
      if (this.resolve === opening) this.busy = false;
    }
  },
  show(blob) {
    URL.revokeObjectURL(this.shown);
    this.shown = URL.createObjectURL(blob);
  },
  get changed() {
    return this.turns > 0 || Object.keys(WHOLE).some((side) => this.crop[side] !== WHOLE[side]);
  },
  get frame() {
    const { left, top, right, bottom } = this.crop;
    return { left: percent(left), top: percent(top), width: percent(right - left), height: percent(bottom - top) };
  },
  async turn() {
    if (!this.source) return;
    const { left, top, right, bottom } = this.crop;
    Object.assign(this, { turns: (this.turns + 1) % 4, crop: { left: 1 - bottom, top: left, right: 1 - top, bottom: right } });
    await this.make({ turns: this.turns }, (picture) => this.show(picture));
  },
  /** One after the other, so that no tap is lost while a large picture is turned; not used any more when its dialog was closed. */
  make(options, use) {
    const { source } = this;
    const isOpen = () => this.source === source;
    const made = this._queue.then(async () => {
      const picture = isOpen() && (await render(Alpine.raw(source), options));
      if (isOpen()) use(picture);
    });
    const rest = made.catch(() => {}).then(() => this._queue === rest && (this.busy = false));
    Object.assign(this, { busy: true, _queue: rest });
    return made;
  },
  /** The frame begins a little inside, where its corners can be seized. */
  startCrop() {
    this.cropping = !this.cropping;
    this.large = false;
    this.crop = this.cropping ? { left: 0.05, top: 0.05, right: 0.95, bottom: 0.95 } : { ...WHOLE };
  },
  /** Put a corner of the frame there, no nearer to the opposite one than a tenth. @param {{x: string, y: string}} corner  @param {number} across  @param {number} down in parts of the picture */
  put({ x, y }, across, down) {
    const { left, top, right, bottom } = this.crop;
    const sides = {
      left: between(0, across, right - LEAST),
      right: between(left + LEAST, across, 1),
      top: between(0, down, bottom - LEAST),
      bottom: between(top + LEAST, down, 1),
    };
    this.crop = { ...this.crop, [x]: sides[x], [y]: sides[y] };
  },
  key(corner, event) {
    if (!KEYS[event.key]) return;
    event.preventDefault();
    const [right, down] = KEYS[event.key];
    this.put(corner, this.crop[corner.x] + right, this.crop[corner.y] + down);
  },
  seize(event) {
    event.target.setPointerCapture(event.pointerId);
  },
  drag(corner, event) {
    if (!event.target.hasPointerCapture(event.pointerId)) return;
    const picture = event.target.closest(".photo-picture").getBoundingClientRect();
    this.put(corner, (event.clientX - picture.left) / picture.width, (event.clientY - picture.top) / picture.height);
  },
  zoom() {
    if (!this.cropping) this.large = !this.large;
  },
  async done() {
    if (!this.changed) return this.close();
    const { turns, crop } = this;
    try {
      await this.make({ turns, crop }, (picture) => {
        this.resolve(picture);
        this.close();
      });
    } catch {
      this.problem = t("照片没有保存，请重试。");
    }
  },
  close() {
    dialog().close();
  },
  closed() {
    URL.revokeObjectURL(this.shown);
    this.resolve(null);
    Object.assign(this, { shown: "", source: null, busy: false, resolve: () => {} });
  },
};

Alpine.store("photo", photoStore);
