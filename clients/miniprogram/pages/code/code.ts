import { api, sentence } from "../../lib/api";

/** A picture that an <image> shows: the code's SVG is plain ASCII. */
const picture = (svg: string): string =>
  `data:image/svg+xml;base64,${wx.arrayBufferToBase64(Uint8Array.from(svg, (letter) => letter.charCodeAt(0)).buffer)}`;

Component({
  properties: { person: String },
  data: { alert: "", picture: "", seconds: 0, timer: 0 },
  methods: {
    onShow() {
      return this.renew();
    },
    onHide() {
      clearInterval(this.data.timer);
    },
    onUnload() {
      clearInterval(this.data.timer);
    },
    /** Short-lived, and read by one hospital: a new one each time the page is opened. */
    async renew() {
      clearInterval(this.data.timer);
      this.setData({ alert: "", picture: "" });
      try {
        const path = { person_id: this.properties.person };
        const { qr_svg, expires_in } = await api.post("/api/v1/persons/{person_id}/vouchers/", undefined, { path });
        this.setData({ picture: picture(qr_svg), seconds: expires_in, timer: setInterval(() => this.count(), 1000) });
      } catch (error) {
        this.setData({ alert: sentence(error) });
      }
    },
    count() {
      const seconds = this.data.seconds - 1;
      this.setData({ seconds });
      if (seconds > 0) return;
      clearInterval(this.data.timer);
      this.setData({ picture: "" });
    },
  },
});
