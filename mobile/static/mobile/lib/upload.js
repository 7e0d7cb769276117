/** Uploads with progress. fetch cannot tell it, so this one call uses XMLHttpRequest. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api, authorization, offlineError, readError, uniqueKey } from "./api.js";

const URL_MATERIALS = "/api/v1/materials/";
const LIMIT_BYTES = 10 * 1024 * 1024;
const POLL_MS = 1000;
const POLLS = 60;

/** @typedef {{key: string, id: ?string, kind: string, name: string, status: string, problem: string, thumbnail: ?string}} Upload */

/** @returns {Upload} what is shown of a chosen file; `_…` is of this moment only */
function begin(file, kind) {
  return Alpine.reactive({
    key: uniqueKey(),
    id: null,
    kind,
    name: file.name,
    status: "uploading",
    problem: "",
    thumbnail: null,
    _file: file,
    _progress: 0,
    _preview: file.type.startsWith("image/") && !/hei[cf]/.test(file.type) ? URL.createObjectURL(file) : null,
  });
}

/** @returns {Promise<object>} the API's answer; the same key when tried again */
function send(upload) {
  const form = new FormData();
  form.append("kind", upload.kind);
  form.append("file", upload._file);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", URL_MATERIALS);
    for (const [name, value] of Object.entries(authorization())) request.setRequestHeader(name, value);
    request.setRequestHeader("Idempotency-Key", upload.key);
    request.upload.onprogress = (event) => (upload._progress = Math.round((100 * event.loaded) / event.total));
    request.onerror = () => reject(offlineError());
    request.onload = () => {
      if (request.status < 300) resolve(JSON.parse(request.responseText));
      else reject(readError(request.status, request.responseText));
    };
    request.send(form);
  });
}

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** The worker makes the picture safe; until then it may be seen here but not yet there. */
async function follow(upload) {
  for (let poll = 0; poll < POLLS && upload.status === "processing"; poll += 1) {
    await wait(POLL_MS);
    take(upload, await api.get(`materials/${upload.id}/`));
  }
}

function take(upload, material) {
  Object.assign(upload, { id: material.id, status: material.status, thumbnail: material.thumbnail });
  if (material.status === "refused") fail(upload, material.detail);
}

function fail(upload, problem) {
  Object.assign(upload, { status: "failed", problem });
}

/** Send, then follow until it is ready or refused. */
export async function run(upload) {
  Object.assign(upload, { status: "uploading", problem: "", _progress: 0 });
  try {
    take(upload, await send(upload));
    await follow(upload);
  } catch (error) {
    fail(upload, error.message);
  }
}

/** @returns {Upload} already under way, unless it is too large to try */
export function upload(file, kind) {
  const started = begin(file, kind);
  if (file.size > LIMIT_BYTES) fail(started, "文件超过 10 MB，请压缩后再上传。");
  else run(started);
  return started;
}

export const forget = (file) => file._preview && URL.revokeObjectURL(file._preview);
