import { api, Once, sentence } from "../../lib/api";
import type { Schemas } from "../../lib/client";
import { dayTime, STATUS } from "../../lib/words";

const once = new Once();

Component({
  properties: { filing: String },
  data: { alert: "", record: null as Schemas["FilingDetail"] | null, status: "", due: "", canWithdraw: false },
  methods: {
    onShow() {
      return this.load();
    },
    load() {
      return this.act(async () => this.show(await api.get("/api/v1/filings/{id}/", { path: { id: this.properties.filing } })));
    },
    show(record: Schemas["FilingDetail"]) {
      const { status, due_at, actions } = record;
      this.setData({ record, status: STATUS[status] ?? status, due: dayTime(due_at), canWithdraw: actions.includes("withdraw") });
    },
    /** By the version that was shown: what somebody else changed meanwhile is not overrun. */
    withdraw() {
      const { record } = this.data;
      if (!record) return undefined;
      const { id, version } = record;
      return this.act(async () => {
        await once.do((key) => api.post("/api/v1/filings/{id}/withdraw/", {}, { path: { id }, key, version }));
        await this.load();
      });
    },
    async act(work: () => Promise<unknown>) {
      this.setData({ alert: "" });
      try {
        await work();
      } catch (error) {
        this.setData({ alert: sentence(error) });
      }
    },
  },
});
