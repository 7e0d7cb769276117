/**
 * The mini-program's pages under WeChat's simulator library, against the running API at YIDI_API (tests/clients starts it).
 * wx.request and its like are played by fetch; everything else of wx is the simulator's own.
 */
const { execFileSync } = require("node:child_process");
const { cpSync, readdirSync, rmSync, writeFileSync } = require("node:fs");
const path = require("node:path");
const assert = require("node:assert/strict");
const { test } = require("node:test");
const { JSDOM } = require("jsdom");

const BASE = process.env.YIDI_API;
const CLIENTS = path.dirname(__dirname);
const BUILD = path.join(CLIENTS, "build");
const PAGES = path.join(BUILD, "miniprogram/pages");

// Compiled as the developer tools do it, file by file, with the address of this API.
rmSync(BUILD, { recursive: true, force: true });
execFileSync("node_modules/.bin/tsc", { cwd: CLIENTS, stdio: "inherit" });
for (const page of readdirSync(PAGES)) {
  for (const ending of ["json", "wxml"]) {
    cpSync(path.join(CLIENTS, "miniprogram/pages", page, `${page}.${ending}`), path.join(PAGES, page, `${page}.${ending}`));
  }
}
writeFileSync(path.join(BUILD, "miniprogram/lib/config.js"), `exports.BASE = ${JSON.stringify(BASE)}; exports.SANDBOX = "wang";`);

// One DOM, and what it brings.
const { window } = new JSDOM("<!doctype html><body></body>");
Object.assign(global, { window, document: window.document, MutationObserver: window.MutationObserver, Event: window.Event, CustomEvent: window.CustomEvent });
for (const name of ["HTMLElement", "Node", "Element", "Text", "navigator"]) if (!(name in global)) global[name] = window[name];
const simulate = require("miniprogram-simulate");

const storage = new Map();
const visited = [];
let photo;
let answers = {};
Object.assign(global.wx, {
  getStorageSync: (name) => storage.get(name) ?? "",
  setStorageSync: (name, value) => storage.set(name, value),
  removeStorageSync: (name) => storage.delete(name),
  redirectTo: ({ url }) => visited.push(url),
  arrayBufferToBase64: (buffer) => Buffer.from(buffer).toString("base64"),
  chooseMedia: async () => ({ tempFiles: [{ tempFilePath: photo }] }),
  requestSubscribeMessage: async ({ tmplIds }) => Object.fromEntries(tmplIds.map((id) => [id, answers[id] ?? "accept"])),
  request({ url, method, header, data, success, fail }) {
    const body = data === undefined ? undefined : JSON.stringify(data);
    fetch(url, { method, headers: header, body })
      .then(async (answer) => ({ statusCode: answer.status, text: await answer.text() }))
      .then(({ statusCode, text }) => success({ statusCode, data: text ? JSON.parse(text) : "" }), fail);
  },
});

/** Opens a page as a tap on its link would. */
async function open(name, properties = {}) {
  const page = simulate.render(simulate.load(path.join(PAGES, name, name), { compiler: "simulate", rootPath: path.join(BUILD, "miniprogram") }), properties);
  page.attach(document.body);
  await page.instance.onShow?.();
  return page;
}

const text = (page) => page.dom.textContent.replace(/\s+/g, " ");
const type = (page, name, value) => page.instance[name]({ detail: { value } });
const choose = (page, name, dataset) => page.instance[name]({ currentTarget: { dataset } });

test("sign in, bind, file, subscribe, look at the record, withdraw, show the code, read bills", async () => {
  const home = await open("home");
  assert.ok(home.querySelector(".sign-in"));
  await home.instance.signIn();
  assert.equal(home.querySelector(".sign-in"), undefined);
  assert.ok(storage.get("yidi.token"));

  const bind = await open("bind");
  type(bind, "typeName", "王秀兰");
  type(bind, "typeNumber", "110101195503070029");
  bind.instance.agree({ detail: { value: ["yes"] } });
  await bind.instance.bind();
  assert.match(text(bind), /校验位不正确/); // its check digit is wrong, and the server's sentence says so
  type(bind, "typeNumber", "110101195503070028");
  await bind.instance.bind();
  type(bind, "typeCode", "000000");
  await bind.instance.verify();
  assert.match(text(bind), /已绑定/);

  await home.instance.load();
  assert.match(text(home), /王\*兰/);
  const [person] = home.data.persons;

  const file = await open("file", { enrollment: person.enrollments[0].id });
  await type(file, "search", "北京");
  await choose(file, "choosePlace", { code: "110000" });
  choose(file, "chooseType", { type: "other" });
  assert.equal(file.data.option.type, "other");
  await file.instance.submit();
  assert.match(text(file), /请先阅读告知书/);
  file.instance.readNotice({ detail: { value: ["yes"] } });
  type(file, "typeName", "王秀兰");
  type(file, "typePhone", "13900000001");
  file.instance.chooseDay({ detail: { value: process.env.YIDI_TODAY } });
  await Promise.all([file.instance.submit(), file.instance.submit()]); // tapped twice
  assert.ok(file.data.filed, text(file));
  await file.instance.subscribe();
  assert.deepEqual(visited, [`/pages/record/record?filing=${file.data.filed}`]);

  await home.instance.load();
  assert.equal(home.data.filings.length, 1);
  const record = await open("record", { filing: file.data.filed });
  assert.match(text(record), /王\*兰 北京市/);
  assert.ok(record.data.canWithdraw, text(record)); // it waits for its reviewer
  await record.instance.withdraw();
  assert.match(text(record), /已撤回/);

  const code = await open("code", { person: person.id });
  assert.match(code.data.picture, /^data:image\/svg\+xml;base64,PD94|^data:image\/svg\+xml;base64,PHN2/);
  code.instance.onUnload();

  const bills = await open("bills");
  assert.match(text(bills), /还没有账单/);

  await home.instance.signOut();
  assert.equal(storage.has("yidi.token"), false);
});

test("a refusal is a sentence, and no answer is told as one", async () => {
  const { Client, wxSend } = require(path.join(BUILD, "miniprogram/lib/client.js"));
  await assert.rejects(new Client(BASE, wxSend).get("/api/v1/account/"), { status: 401, code: "not_authenticated" });
  await assert.rejects(new Client("http://127.0.0.1:9", wxSend).get("/api/v1/account/"), { status: 0, code: "offline" });
});
