/** 经办机构: where one's insurance is kept, with address and telephone. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import "../lib/places.js";
import { finds } from "./finding.js";

const present = (row) => ({
  ...row,
  key: `${row.area} ${row.name}`,
  mark: row.demo ? "演示数据" : "",
  address: row.address || "没有登记地址",
  callHref: `tel:${row.phone || "12393"}`,
  callName: row.phone ? `拨打 ${row.phone}` : "拨打 12393",
});

function agenciesPage() {
  return {
    ...finds("agencies/", present, ({ q, area }) => ({ q: q.trim(), area: area?.code })),
    q: "",
    area: null,
    get placeName() {
      return this.area?.name ?? "全国";
    },
    async pickArea() {
      const area = await Alpine.store("areas").open({ insured: true });
      if (!area) return;
      this.area = { code: area.code, name: area.name };
      await this.reload();
    },
    clear() {
      Object.assign(this, { q: "", area: null });
      return this.reload();
    },
    get emptyText() {
      const asked = this.q.trim() ? `名称或地区含“${this.q.trim()}”的` : "";
      return `没有找到${this.placeName}${asked}经办机构的联系方式。请拨打 12393，按语音提示转到参保地。`;
    },
  };
}

export const pages = { agenciesPage };
