/**
 * The Yidi API for TypeScript: `schema.ts` is generated from the OpenAPI document (`npm run generate`), this file calls it.
 * How a request travels is the caller's: `wxSend` inside a mini-program, `fetchSend` anywhere else.
 */
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

type Json = Record<string, unknown> | undefined;
export type Request = { method: "GET" | "POST" | "PATCH" | "DELETE"; url: string; headers: Record<string, string>; body?: unknown };
export type Reply = { status: number; body: unknown };
/** Sends one request; rejects only if no answer came. */
export type Send = (request: Request) => Promise<Reply>;

type Operation<Path extends keyof paths, Method extends string> = Method extends keyof paths[Path] ? paths[Path][Method] : never;
type PathsWith<Method extends string> = {
  [Path in keyof paths]: Operation<Path, Method> extends { responses: unknown } ? Path : never;
}[keyof paths];
type Params<Of> = Of extends { parameters: infer Given } ? Given : never;
type Part<Of, Name extends string> = Params<Of> extends { [name in Name]?: infer Given } ? NonNullable<Given> : never;
type Body<Of> = Of extends { requestBody?: infer Given }
  ? NonNullable<Given> extends { content: { "application/json": infer Sent } } ? Sent : undefined
  : undefined;
type Success<Of> = Of extends { responses: infer Answers } ? Answers[keyof Answers & (200 | 201 | 204)] : never;
export type Answer<Path extends keyof paths, Method extends string> =
  Success<Operation<Path, Method>> extends { content: { "application/json": infer Given } } ? Given : undefined;

/** What stands in the address, and for a POST the key that makes a repetition harmless. */
type Options<Of> = { path?: Part<Of, "path">; query?: Part<Of, "query">; key?: string; version?: number };

export class ApiError extends Error {
  readonly status: number;
  readonly errors: { code: string; detail: string; attr?: string | null }[];

  /** `status` 0: no answer came, and nobody knows whether the request did. */
  constructor(status: number, errors: ApiError["errors"]) {
    super(errors.map((error) => error.detail).join("\n"));
    this.status = status;
    this.errors = errors;
  }

  get code(): string {
    return this.errors[0]?.code ?? "";
  }
}

const OFFLINE = { code: "offline", detail: "网络连接不上，请检查网络后重试。" };
const BROKEN = { code: "server_error", detail: "系统暂时出了问题，请稍后重试。" };

/** A key for `Idempotency-Key`: keep it until the request was answered, and send the same one again. */
export const uniqueKey = (): string => `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}${Math.random().toString(36).slice(2)}`;

export class Client {
  token = "";

  constructor(private readonly base: string, private readonly send: Send) {}

  get<Path extends PathsWith<"get"> & string>(path: Path, options: Options<Operation<Path, "get">> = {}) {
    return this.call<Answer<Path, "get">>("GET", path, undefined, options);
  }

  post<Path extends PathsWith<"post"> & string>(path: Path, body: Body<Operation<Path, "post">>, options: Options<Operation<Path, "post">> = {}) {
    return this.call<Answer<Path, "post">>("POST", path, body, options);
  }

  patch<Path extends PathsWith<"patch"> & string>(path: Path, body: Body<Operation<Path, "patch">>, options: Options<Operation<Path, "patch">> = {}) {
    return this.call<Answer<Path, "patch">>("PATCH", path, body, options);
  }

  delete<Path extends PathsWith<"delete"> & string>(path: Path, options: Options<Operation<Path, "delete">> = {}) {
    return this.call<Answer<Path, "delete">>("DELETE", path, undefined, options);
  }

  /** The address and the headers of an upload, which a mini-program sends by wx.uploadFile. */
  upload(): { url: string; header: Record<string, string> } {
    return { url: `${this.base}/api/v1/materials/`, header: { Authorization: `Bearer ${this.token}` } };
  }

  private async call<Given>(method: Request["method"], path: string, body: unknown, options: { path?: Json; query?: Json; key?: string; version?: number }): Promise<Given> {
    const headers: Record<string, string> = { Accept: "application/json" };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (this.token) headers["Authorization"] = `Bearer ${this.token}`;
    if (options.key) headers["Idempotency-Key"] = options.key;
    if (options.version !== undefined) headers["If-Match"] = `"${options.version}"`;
    const url = this.base + address(path, options.path) + query(options.query);
    const reply = await this.send({ method, url, headers, body }).catch(() => {
      throw new ApiError(0, [OFFLINE]);
    });
    if (reply.status >= 400) throw readError(reply);
    return reply.body as Given;
  }
}

const address = (path: string, given: Json = {}): string => path.replace(/{(\w+)}/g, (_, name: string) => encodeURIComponent(String(given[name])));

function query(given: Json = {}): string {
  const filled = Object.entries(given).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const text = filled.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join("&");
  return text && `?${text}`;
}

/** Reads a refusal; anything that is not one of ours (a proxy's page) is told as one. */
export function readError({ status, body }: Reply): ApiError {
  const errors = (body as { errors?: ApiError["errors"] } | null)?.errors;
  return new ApiError(status, errors?.length ? errors : [BROKEN]);
}

/** Inside a mini-program. wx.request has no PATCH: a POST says that it stands for one. */
export const wxSend: Send = ({ method, url, headers, body }) =>
  new Promise((resolve, reject) => {
    wx.request({
      url,
      method: method === "PATCH" ? "POST" : method,
      header: method === "PATCH" ? { ...headers, "X-HTTP-Method-Override": "PATCH" } : headers,
      data: body as WechatMiniprogram.IAnyObject,
      success: ({ statusCode, data }) => resolve({ status: statusCode, body: data }),
      fail: reject,
    });
  });

/** What `fetchSend` needs of fetch, which a mini-program does not have. */
declare function fetch(url: string, options: { method: string; headers: Record<string, string>; body: string | null }): Promise<{ status: number; text(): Promise<string> }>;

/** Anywhere else. */
export const fetchSend: Send = async ({ method, url, headers, body }) => {
  const response = await fetch(url, { method, headers, body: body === undefined ? null : JSON.stringify(body) });
  const text = await response.text();
  return { status: response.status, body: text ? JSON.parse(text) : undefined };
};
