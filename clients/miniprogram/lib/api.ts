/** The one client of all pages: who is signed in, refusals as sentences, keys that make a repetition harmless, uploads. */
import { type Answer, ApiError, Client, readError, type Schemas, uniqueKey, wxSend } from "./client";
import { BASE, SANDBOX } from "./config";

const TOKEN = "yidi.token";

export const api = new Client(BASE, wxSend);
api.token = wx.getStorageSync(TOKEN) || "";

/** wx.login gives a code that is good for one exchange; the server keeps openid and session_key. */
export async function signIn(): Promise<void> {
  const code = SANDBOX ? `sandbox:${SANDBOX}` : (await wx.login()).code;
  const { token } = await api.post("/api/v1/auth/wechat/", { code });
  api.token = token;
  wx.setStorageSync(TOKEN, token);
}

/** The sentence for what went wrong; a token that ran out is forgotten. */
export function sentence(error: unknown): string {
  if (!(error instanceof ApiError)) return "出了点问题，请重试。";
  if (error.status === 401) forget();
  return error.message;
}

export function forget(): void {
  api.token = "";
  wx.removeStorageSync(TOKEN);
}

/** One page's action keeps its key until it was answered, so that a second tap does nothing twice. */
export class Once {
  private key = uniqueKey();

  async do<Given>(act: (key: string) => Promise<Given>): Promise<Given> {
    try {
      const answer = await act(this.key);
      this.key = uniqueKey();
      return answer;
    } catch (error) {
      const answered = error instanceof ApiError && error.status >= 400 && error.status < 500 && error.code !== "in_progress";
      if (answered) this.key = uniqueKey();
      throw error;
    }
  }
}

export type Material = Answer<"/api/v1/materials/", "post">;

/** Sends a photo of this phone as a document of a kind. */
export function upload(filePath: string, kind: string): Promise<Schemas["Material"]> {
  return new Promise((resolve, reject) => {
    const { url, header } = api.upload();
    wx.uploadFile({
      url,
      header,
      filePath,
      name: "file",
      formData: { kind },
      success: ({ statusCode, data }) => {
        let body: unknown;
        try {
          body = JSON.parse(data);
        } catch {
          body = null; // a proxy's page
        }
        if (statusCode >= 400) reject(readError({ status: statusCode, body }));
        else resolve(body as Schemas["Material"]);
      },
      fail: () => reject(new ApiError(0, [{ code: "offline", detail: "照片没有传上去，请检查网络后重试。" }])),
    });
  });
}

/**
 * Asks which messages may be sent, and tells the server what was answered. Only a tap may ask (WeChat's rule), three templates
 * at a time; whoever refuses has the messages in the inbox all the same.
 */
export async function askConsent(): Promise<void> {
  const { wechat } = await api.get("/api/v1/account/notifications/");
  const ids = wechat.templates.filter(({ left }) => left === 0).map(({ template }) => template).slice(0, 3);
  if (!wechat.on || !ids.length) return;
  const answers = await wx.requestSubscribeMessage({ tmplIds: ids }).catch(() => null);
  if (!answers) return;
  const known = ["accept", "reject", "ban", "filter"] as const;
  const results = ids.flatMap((template) => {
    const answer = known.find((word) => word === answers[template]);
    return answer ? [{ template, answer }] : [];
  });
  if (results.length) await api.post("/api/v1/account/notifications/consents/", { results }, { key: uniqueKey() });
}
