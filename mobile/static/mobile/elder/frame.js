/** 长辈版, the mode for old people: what stands around every page while it is on. */

import { watchQuestions } from "./questions.js";
import { watchReading } from "./reading.js";

/** The button that reads aloud gets its place beside the title; forms show one question a page. */
export function start() {
  document.querySelector(".bar").append(document.getElementById("page-elder-bar").content.cloneNode(true));
  watchReading();
  watchQuestions();
}
