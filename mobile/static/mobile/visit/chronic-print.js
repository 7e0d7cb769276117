/** The application form (门诊特殊病种申请表), filled in, for the printer. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { api } from "../lib/api.js";
import { loads } from "../lib/page.js";

async function readForm() {
  this.form = await api.get(`recognitions/${Alpine.store("route").params.id}/form/`);
}

export function chronicPrintPage() {
  return {
    ...loads(readForm),
    form: null,
    print() {
      window.print();
    },
  };
}
