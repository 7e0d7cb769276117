/** What all pages share: load first (skeleton), show, or say what went wrong and offer another try; one action at a time. */

import Alpine from "../vendor/alpine-csp.esm.min.js";

/**
 * @param {() => Promise<void>} load fills the page's own fields
 * @returns {object} the states `loading`, `ready`, `error` with the sentence in `problem`
 */
export function loads(load) {
  return {
    state: "loading",
    problem: "",
    init() {
      return this.reload();
    },
    async reload() {
      this.state = "loading";
      try {
        await load.call(this);
        this.state = "ready";
      } catch (error) {
        this.problem = sentence(error);
        this.state = "error";
      }
    },
  };
}

/** @returns {object} `busy` while an action runs, and what the API said of each field */
export function acts() {
  return {
    busy: false,
    alert: "",
    errors: {},
    /** Run one action; what goes wrong stands beside its field, or in `alert`. @returns {Promise<boolean>} done? */
    async act(work) {
      if (this.busy) return false;
      Object.assign(this, { busy: true, alert: "", errors: {} });
      try {
        await work();
        return true;
      } catch (error) {
        this.fail(error);
        return false;
      } finally {
        this.busy = false;
      }
    },
    fail(error) {
      this.errors = error.fields ?? {};
      this.alert = standsAtFields(error) ? "请修改标红的地方。" : sentence(error);
      requestAnimationFrame(() => document.querySelector('#page [aria-invalid="true"], #page .alert')?.focus());
    },
  };
}

/** @returns {boolean} every sentence has its place beside a field of this page, so it need not be said twice */
function standsAtFields({ errors }) {
  return Boolean(errors?.every(({ attr }) => attr && document.querySelector(`#page [data-error="${CSS.escape(attr)}"]`)));
}

/** @param {Error} error  @returns {string} */
export function sentence(error) {
  if (error.errors) return error.message;
  console.error(error);
  return "页面出了问题，请重试。";
}

/** @param {string} text */
export const toast = (text) => Alpine.store("toast").show(text);

/** @param {{title: string, text?: string, ok?: string, danger?: boolean}} question  @returns {Promise<boolean>} */
export const ask = (question) => Alpine.store("ask").open(question);
