/** Large type (大字版): remembered on this phone; every size of the pages follows the root's. */

const NAME = "yidi.large";

export const typeStore = {
  large: localStorage.getItem(NAME) === "1",
  apply() {
    document.documentElement.classList.toggle("large", this.large);
  },
  toggle() {
    this.large = !this.large;
    localStorage.setItem(NAME, this.large ? "1" : "0");
    this.apply();
  },
};
