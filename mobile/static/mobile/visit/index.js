/** The components of the pages before a visit; they arrive after the first page (lib/arriving.js). */

import { directAnswer, directPage } from "./direct.js";
import { estimateResultPage } from "./estimate-result.js";
import { estimatePage } from "./estimate.js";

export const pages = {
  directPage,
  directAnswer,
  estimatePage,
  estimateResultPage,
};
