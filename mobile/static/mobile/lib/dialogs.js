/** One toast and one question at a time. */

const TOAST_MS = 2600;

export const toastStore = {
  text: "",
  timer: 0,
  show(text) {
    clearTimeout(this.timer);
    this.text = text;
    this.timer = setTimeout(() => (this.text = ""), TOAST_MS);
  },
};

/** A question in a native dialog, which keeps the focus inside and answers Escape with no. */
export const askStore = {
  title: "",
  text: "",
  ok: "确定",
  danger: false,
  answer: null,

  open({ title, text = "", ok = "确定", danger = false }) {
    Object.assign(this, { title, text, ok, danger });
    const dialog = document.getElementById("ask");
    return new Promise((resolve) => {
      dialog.addEventListener("close", () => resolve(dialog.returnValue === "ok"), { once: true });
      dialog.returnValue = "";
      dialog.showModal();
    });
  },
  close(value) {
    document.getElementById("ask").close(value);
  },
};
