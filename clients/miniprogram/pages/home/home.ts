import { api, forget, sentence, signIn } from "../../lib/api";
import type { Schemas } from "../../lib/client";
import { STATUS } from "../../lib/words";

type Row = { id: string; title: string; status: string };

Component({
  data: { signedIn: false, alert: "", persons: [] as Schemas["PersonShape"][], filings: [] as Row[] },
  methods: {
    onShow() {
      return this.load();
    },
    async load() {
      this.setData({ signedIn: Boolean(api.token), alert: "" });
      if (!api.token) return;
      try {
        const persons = await api.get("/api/v1/persons/");
        const filings = await api.get("/api/v1/filings/");
        const rows = filings.results.map(({ id, destination_name, type_label, status }) => ({
          id, title: `${destination_name} ${type_label}`, status: STATUS[status] ?? status,
        }));
        this.setData({ persons: persons.results, filings: rows });
      } catch (error) {
        this.setData({ alert: sentence(error), signedIn: Boolean(api.token) });
      }
    },
    async signIn() {
      try {
        await signIn();
        await this.load();
      } catch (error) {
        this.setData({ alert: sentence(error) });
      }
    },
    async signOut() {
      await api.post("/api/v1/auth/logout/", undefined).catch(() => undefined);
      forget();
      this.setData({ signedIn: false, persons: [], filings: [] });
    },
  },
});
