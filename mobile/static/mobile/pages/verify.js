/** Enter the code that went to the telephone in the register; ask for another one after a minute. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api } from "../lib/api.js";
import { acts, toast } from "../lib/page.js";
import { go } from "../lib/router.js";

const PAUSE_SECONDS = 60;

export function verifyPage() {
  return {
    ...acts(),
    code: "",
    pause: 0,
    timer: 0,
    init() {
      this.wait();
    },
    destroy() {
      clearInterval(this.timer);
    },
    get address() {
      return `persons/${Alpine.store("route").params.id}`;
    },
    get resendLabel() {
      return this.pause ? `${this.pause} 秒后可重新获取` : "重新获取验证码";
    },
    wait() {
      clearInterval(this.timer);
      this.pause = PAUSE_SECONDS;
      this.timer = setInterval(() => (this.pause = Math.max(0, this.pause - 1)), 1000);
    },
    verify() {
      return this.act(async () => {
        await api.post(`${this.address}/verify/`, { code: this.code.trim() });
        toast("验证成功");
        go("#/family", { replace: true });
      });
    },
    resend() {
      return this.act(async () => {
        await api.post(`${this.address}/resend/`);
        toast("验证码已重新发送");
        this.wait();
      });
    },
  };
}
