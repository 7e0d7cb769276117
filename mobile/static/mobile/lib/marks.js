/** What a reviewer marked, opened one after another; and the one field somebody came back for. */

import { t } from "./parts.js";

const MARKED = "#page .field-marked";

/** Bring it into view, opened, with the focus in it. @param {?Element} place */
export function openAt(place) {
  if (!place) return;
  for (let fold = place.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  place.dispatchEvent(new Event("wanted", { bubbles: true })); // where one question stands on a page, this one then does
  const field = place.matches("input, select, button") ? place : place.querySelector("input:not([type=hidden]), select, button, a");
  place.scrollIntoView({ block: "center" });
  field?.focus({ preventScroll: true });
}

/** @param {string} name of a field  @returns {?Element} where it stands on the open page */
export const placeOf = (name) => document.getElementById(`form-${name}`) ?? document.querySelector(`#page [data-place="${CSS.escape(name)}"]`);

/** @param {?object} record  @returns {string[]} the fields and documents to mend */
export const marksOf = (record) =>
  ((record?.status === "returned" && record.decision?.fields) || []).map((name) => name.split(".").pop());

/** @returns {object} methods for pages that show `marks` */
export function walksMarks() {
  return {
    markAt: -1,
    markText: "",
    /** The next of them, from the last to the first again. */
    nextMark() {
      const places = [...document.querySelectorAll(MARKED)].filter((place) => !place.parentElement.closest(".field-marked"));
      if (!places.length) return;
      this.markAt = (this.markAt + 1) % places.length;
      this.markText = t("第 {markAt} 处，共 {length} 处", { markAt: this.markAt + 1, length: places.length });
      openAt(places[this.markAt]);
    },
  };
}
