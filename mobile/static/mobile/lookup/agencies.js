/** 经办机构: where one's insurance is kept, with address and telephone. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { listing } from "../lib/listing.js";
import { t } from "../lib/parts.js";
import "../lib/places.js";

const present = (row) => ({
  ...row,
  key: `${row.area} ${row.name}`,
  mark: row.demo ? t("演示数据") : "",
  address: row.address || t("没有登记地址"),
  callHref: `tel:${row.phone || "12393"}`,
  callName: row.phone ? t("拨打 {phone}", { phone: row.phone }) : t("拨打 12393"),
});

function agenciesPage() {
  return {
    ...listing("agencies/", "found", present, ({ q, area }) => ({ q: q.trim(), area: area?.code })),
    q: "",
    area: null,
    get placeName() {
      return this.area?.name ?? t("全国");
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
      const asked = this.q.trim() ? t("名称或地区含“{trim}”的", { trim: this.q.trim() }) : "";
      return t("没有找到{placeName}{asked}经办机构的联系方式。请拨打 12393，按语音提示转到参保地。", { placeName: this.placeName, asked });
    },
  };
}

export const pages = { agenciesPage };
