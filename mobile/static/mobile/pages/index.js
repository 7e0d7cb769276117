/** One component a page, by the name its template asks for. */

import { bindPage } from "./bind.js";
import { familyPage } from "./family.js";
import { fileCheckPage } from "./file-check.js";
import { fileDonePage } from "./file-done.js";
import { fileFormPage } from "./file-form.js";
import { fileNoticePage } from "./file-notice.js";
import { fileSelectPage } from "./file-select.js";
import { fileWhoPage } from "./file-who.js";
import { frame } from "./frame.js";
import { homePage } from "./home.js";
import { mePage } from "./me.js";
import { messagesPage } from "./messages.js";
import { recordsPage } from "./records.js";
import { signinPage } from "./signin.js";
import { verifyPage } from "./verify.js";

export const pages = {
  frame,
  signinPage,
  homePage,
  familyPage,
  bindPage,
  verifyPage,
  fileWhoPage,
  fileSelectPage,
  fileNoticePage,
  fileFormPage,
  fileCheckPage,
  fileDonePage,
  recordsPage,
  messagesPage,
  mePage,
};
