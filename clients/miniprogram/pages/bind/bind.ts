import { api, sentence } from "../../lib/api";
import type { Schemas } from "../../lib/client";

type Input = WechatMiniprogram.Input;

Component({
  data: { alert: "", name: "", idNumber: "", consent: false, code: "", person: null as Schemas["PersonShape"] | null, done: false },
  methods: {
    typeName({ detail }: Input) {
      this.setData({ name: detail.value });
    },
    typeNumber({ detail }: Input) {
      this.setData({ idNumber: detail.value });
    },
    typeCode({ detail }: Input) {
      this.setData({ code: detail.value });
    },
    agree({ detail }: WechatMiniprogram.CheckboxGroupChange) {
      this.setData({ consent: detail.value.length > 0 });
    },
    /** Oneself: a code goes to the telephone in the insured register, never to one that is named here. */
    bind() {
      const { name, idNumber, consent } = this.data;
      return this.act(async () => {
        const person = await api.post("/api/v1/persons/", { name, id_number: idNumber, relation: "self", consent });
        this.setData({ person });
      });
    },
    verify() {
      const { person, code } = this.data;
      return this.act(async () => {
        await api.post("/api/v1/persons/{person_id}/verify/", { code }, { path: { person_id: person?.id ?? "" } });
        this.setData({ done: true });
      });
    },
    async act(work: () => Promise<void>) {
      this.setData({ alert: "" });
      try {
        await work();
      } catch (error) {
        this.setData({ alert: sentence(error) });
      }
    },
  },
});
