import { api, askConsent, Once, sentence, upload } from "../../lib/api";
import type { Schemas } from "../../lib/client";
import { dayOf } from "../../lib/words";

type Input = WechatMiniprogram.Input;
type Uploaded = { kind: string; id: string };

const once = new Once();

Component({
  properties: { enrollment: String },
  data: {
    alert: "", query: "", places: [] as Schemas["AreaAnswer"][], place: null as Schemas["AreaAnswer"] | null,
    options: [] as Schemas["OptionShape"][], reason: "", option: null as Schemas["OptionShape"] | null,
    uploaded: [] as Uploaded[], read: false, name: "", phone: "", address: "", startsOn: dayOf(new Date()), busy: false, filed: "",
  },
  methods: {
    search({ detail }: Input) {
      return this.act(async () => {
        const { results } = await api.get("/api/v1/areas/", { query: { q: detail.value } });
        this.setData({ query: detail.value, places: results });
      });
    },
    choosePlace({ currentTarget }: WechatMiniprogram.TouchEvent) {
      const place = this.data.places.find(({ code }) => code === currentTarget.dataset["code"]);
      if (!place) return undefined;
      return this.act(async () => {
        const query = { enrollment: this.properties.enrollment, destination: place.code };
        const { options, needed, reason } = await api.get("/api/v1/filing-options/", { query });
        this.setData({ place, places: [], options: needed ? options : [], reason: needed ? "" : reason, option: null });
      });
    },
    chooseType({ currentTarget }: WechatMiniprogram.TouchEvent) {
      const option = this.data.options.find(({ type, open }) => open && type === currentTarget.dataset["type"]);
      if (option) this.setData({ option, uploaded: [], read: false });
    },
    /** A photo of a document; the phone shrinks it, the server makes it safe. */
    addPhoto({ currentTarget }: WechatMiniprogram.TouchEvent) {
      const kind = String(currentTarget.dataset["kind"]);
      return this.act(async () => {
        const { tempFiles } = await wx.chooseMedia({ count: 1, mediaType: ["image"], sizeType: ["compressed"] });
        const { id } = await upload(tempFiles[0]?.tempFilePath ?? "", kind);
        this.setData({ uploaded: [...this.data.uploaded, { kind, id }] });
      });
    },
    readNotice({ detail }: WechatMiniprogram.CheckboxGroupChange) {
      this.setData({ read: detail.value.length > 0 });
    },
    typeName({ detail }: Input) {
      this.setData({ name: detail.value });
    },
    typePhone({ detail }: Input) {
      this.setData({ phone: detail.value });
    },
    chooseDay({ detail }: WechatMiniprogram.PickerChange) {
      this.setData({ startsOn: String(detail.value) });
    },
    submit() {
      const { option, place, uploaded, read, name, phone, startsOn } = this.data;
      if (!option || !place) return undefined;
      if (option.notice && !read) {
        this.setData({ alert: "请先阅读告知书。" });
        return undefined;
      }
      return this.act(async () => {
        const body = {
          enrollment: this.properties.enrollment, destination: place.code, type: option.type, starts_on: startsOn,
          contact_name: name, contact_phone: phone, notice: option.notice?.id ?? null, materials: uploaded.map(({ id }) => id),
          injury: false, draft: false,
        };
        const { id } = await once.do((key) => api.post("/api/v1/filings/", body, { key }));
        this.setData({ filed: id });
      });
    },
    /** Right after handing in, by a tap: now the answer is wanted. */
    async subscribe() {
      await this.act(askConsent);
      wx.redirectTo({ url: `/pages/record/record?filing=${this.data.filed}` });
    },
    async act(work: () => Promise<void>) {
      if (this.data.busy) return;
      this.setData({ alert: "", busy: true });
      try {
        await work();
      } catch (error) {
        this.setData({ alert: sentence(error) });
      } finally {
        this.setData({ busy: false });
      }
    },
  },
});
