/** Every page with its address, its title, the tab it belongs to and the page above it. */

/** @type {import("./lib/router.js").Route[]} the first is home, also for addresses nobody knows */
export const routes = [
  { pattern: "", page: "home", title: "异地就医备案", tab: "home" },
  { pattern: "signin", page: "signin", title: "登录", open: true },
  { pattern: "family", page: "family", title: "家庭成员", up: "#/" },
  { pattern: "family/add", page: "bind", title: "添加参保人", up: "#/family" },
  { pattern: "family/:id", page: "verify", title: "验证身份", up: "#/family" },
  { pattern: "file", page: "file-who", title: "为谁备案", up: "#/" },
  { pattern: "file/select", page: "file-select", title: "选择备案信息", up: "#/file" },
  { pattern: "file/notice", page: "file-notice", title: "备案告知书", up: "#/file/select" },
  { pattern: "file/form", page: "file-form", title: "填写备案信息", up: "#/file/notice" },
  { pattern: "file/check", page: "file-check", title: "核对并提交", up: "#/file/form" },
  { pattern: "file/done/:id", page: "file-done", title: "提交结果", up: "#/records" },
  { pattern: "records", page: "records", title: "备案记录", tab: "records" },
  { pattern: "records/:id", page: "record", title: "备案详情", up: "#/records" },
  { pattern: "records/:id/change", page: "change", title: "变更备案", up: "#/records/:id" },
  { pattern: "records/:id/proof", page: "proof", title: "补交承诺材料", up: "#/records/:id" },
  { pattern: "referrals", page: "referrals", title: "转诊证明", up: "#/records" },
  { pattern: "referrals/:id", page: "referral", title: "转诊证明", up: "#/referrals" },
  { pattern: "messages", page: "messages", title: "消息", tab: "messages" },
  { pattern: "me", page: "me", title: "我的", tab: "me" },
];
