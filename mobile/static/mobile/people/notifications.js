/** How I am reached beyond the inbox: by WeChat, by text message. */

import { api } from "../lib/api.js";
import { acts, loads, toast } from "../lib/lazy-pages.js";
import { t } from "../lib/parts.js";

/** @param {{wechat: {on: boolean}, sms: {on: boolean, phone: ?string}}} answer */
const present = ({ wechat, sms }) => ({ wechat: wechat.on, sms: sms.on, phone: sms.phone });

function notificationsPage() {
  return {
    ...loads(async function () {
      Object.assign(this, present(await api.get("account/notifications/")));
    }),
    ...acts(),
    wechat: true,
    sms: true,
    phone: null,
    get smsNote() {
      return this.phone ? t("微信通知不到您时，发到登记的电话 {phone}", { phone: this.phone }) : t("参保登记里没有您的电话，或还没有绑定本人");
    },
    /** The switch shows what the server keeps: refused, it goes back. @param {"wechat" | "sms"} channel */
    async switchOver(channel) {
      const before = this[channel];
      this[channel] = !before;
      const done = await this.act(async () => {
        Object.assign(this, present(await api.patch("account/notifications/", { [channel]: !before })));
        toast(t("已保存"));
      });
      if (!done) this[channel] = before;
    },
  };
}

export const pages = { notificationsPage };
