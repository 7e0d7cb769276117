/** What the codes are called. */
export const STATUS: Record<string, string> = {
  draft: "草稿", submitted: "审核中", returned: "待补正", approved: "已通过", rejected: "未通过", withdrawn: "已撤回",
  cancelled: "已取消", expired: "已到期", superseded: "已变更", revoked: "已撤销",
};

/** 2026-11-24T17:00:00+08:00 → 11月24日 17:00 */
export const dayTime = (text: string | null): string => (text ? text.replace(/^\d+-0?(\d+)-0?(\d+)T(\d+:\d+).*/, "$1月$2日 $3") : "");

/** The day of a Date, as the API writes it. */
export const dayOf = (at: Date): string =>
  [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
