import { api, sentence } from "../../lib/api";
import type { Schemas } from "../../lib/client";

Component({
  data: { alert: "", busy: false, page: 0, more: false, bills: [] as Schemas["SettlementRow"][], ready: false },
  methods: {
    onShow() {
      this.setData({ page: 0, bills: [] });
      return this.load();
    },
    onReachBottom() {
      return this.data.more && !this.data.busy ? this.load() : undefined;
    },
    async load() {
      this.setData({ alert: "", busy: true });
      try {
        const page = this.data.page + 1;
        const { results, next } = await api.get("/api/v1/settlements/", { query: { page } });
        this.setData({ page, more: Boolean(next), bills: [...this.data.bills, ...results], ready: true });
      } catch (error) {
        this.setData({ alert: sentence(error) });
      } finally {
        this.setData({ busy: false });
      }
    },
  },
});
