/** The one door to the REST API: token, idempotency keys, versions, time-outs, and errors as Chinese sentences. */

const BASE = "/api/v1/";
const TIMEOUT_MS = 20000;
const OFFLINE = "网络连接不上。请检查网络后重试，已填写的内容不会丢失。";
const BROKEN = "系统暂时出了问题，请稍后重试。";
const RETRIED_WITH_SAME_KEY = new Set(["in_progress"]);

/** @type {{token: () => string|null, unauthorized: () => void}} set once by the session */
export const hooks = { token: () => null, unauthorized: () => {} };

/** Keys of POSTs whose outcome is not known yet, so that a retry replays instead of doing it twice. */
const openKeys = new Map();

export class ApiError extends Error {
  /** @param {number} status 0 when the network failed  @param {{code: string, detail: string, attr: ?string}[]} errors */
  constructor(status, errors) {
    super([...new Set(errors.map((error) => error.detail))].join("\n"));
    this.status = status;
    this.errors = errors;
  }

  get code() {
    return this.errors[0]?.code ?? "";
  }

  /** @returns {Object<string, string>} the sentence for each field that is named */
  get fields() {
    return Object.fromEntries(this.errors.filter((error) => error.attr).map((error) => [error.attr, error.detail]));
  }
}

/** @returns {string} a unique string; randomUUID is missing on pages without HTTPS */
export function uniqueKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {number} status  @param {string} text  @returns {ApiError} */
export function readError(status, text) {
  if (status === 401) hooks.unauthorized();
  try {
    const { errors } = JSON.parse(text);
    if (errors?.length) return new ApiError(status, errors);
  } catch {
    // a proxy's HTML page, or nothing
  }
  return new ApiError(status, [{ code: "server_error", detail: BROKEN, attr: null }]);
}

export const offlineError = () => new ApiError(0, [{ code: "offline", detail: OFFLINE, attr: null }]);

/** @returns {Object<string, string>} */
export function authorization() {
  const token = hooks.token();
  return token ? { Authorization: `Bearer ${token}` } : {};
}

async function fetchText(path, options) {
  try {
    const response = await fetch(BASE + path, { ...options, signal: AbortSignal.timeout(TIMEOUT_MS) });
    return { response, text: await response.text() };
  } catch {
    throw offlineError();
  }
}

/** @returns {Promise<any>} the parsed answer; throws ApiError */
async function send(method, path, { body, headers } = {}) {
  const options = { method, headers: { Accept: "application/json", ...authorization(), ...headers } };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  const { response, text } = await fetchText(path, options);
  if (!response.ok) throw readError(response.status, text);
  return text ? JSON.parse(text) : null;
}

/** @param {?number} version  @returns {Object<string, string>} */
const ifMatch = (version) => (version == null ? {} : { "If-Match": `"${version}"` });

/** @param {Object<string, any>} params  @returns {string} without the empty ones */
export function query(params) {
  const filled = Object.entries(params).filter(([, value]) => value !== "" && value != null);
  return filled.length ? `?${new URLSearchParams(filled)}` : "";
}

export const api = {
  get: (path, params = {}) => send("GET", path + query(params)),

  /** A question too long for an address: it changes nothing, so it needs no key. */
  ask: (path, body) => send("POST", path, { body }),

  /** A POST keeps its key until the server has answered it for good. */
  async post(path, body = {}, { version = null } = {}) {
    const call = `${path} ${JSON.stringify(body)}`;
    const key = openKeys.get(call) ?? uniqueKey();
    openKeys.set(call, key);
    try {
      const answer = await send("POST", path, { body, headers: { "Idempotency-Key": key, ...ifMatch(version) } });
      openKeys.delete(call);
      return answer;
    } catch (error) {
      if (error.status && error.status < 500 && !RETRIED_WITH_SAME_KEY.has(error.code)) openKeys.delete(call);
      throw error;
    }
  },

  /** @returns {Promise<Blob>} a file, such as a PDF */
  async file(path) {
    const response = await fetch(BASE + path, { headers: authorization(), signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(() => {
      throw offlineError();
    });
    if (!response.ok) throw readError(response.status, await response.text());
    return response.blob();
  },

  patch: (path, body, { version = null } = {}) => send("PATCH", path, { body, headers: ifMatch(version) }),
  delete: (path) => send("DELETE", path),
};
