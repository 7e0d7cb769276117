/** Where the API is: on the developer's own machine. A deployment names its own host, which the app's console must allow. */
export const BASE = "http://127.0.0.1:8000";
/** Who signs in at a server in sandbox mode (`sandbox:NAME`); empty: whoever wx.login says. */
export const SANDBOX = "王秀兰";
