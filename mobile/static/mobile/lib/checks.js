/** Findings of the automatic checks, as the pages show them. */

import { ApiError } from "./api.js";

const LEVELS = {
  error: { name: "问题：", tone: "bad", icon: "#i-close" },
  warning: { name: "提醒：", tone: "warn", icon: "#i-warn" },
  info: { name: "说明：", tone: "info", icon: "#i-info" },
};

/** @param {{code: string, level: string, message: string}[]} findings */
export const presentChecks = (findings) =>
  (findings ?? []).map((finding) => {
    const level = LEVELS[finding.level] ?? LEVELS.info;
    return { ...finding, levelName: level.name, toneClass: `tone-${level.tone}`, icon: level.icon };
  });

/** What the checks call errors cannot be submitted: they stand beside their fields like any refusal. Throws ApiError. */
export function refuseErrors(findings) {
  const errors = findings.filter((finding) => finding.level === "error").flatMap(asErrors);
  if (errors.length) throw new ApiError(400, errors);
}

const asErrors = ({ code, message, fields }) =>
  (fields.length ? fields : [null]).map((attr) => ({ code, detail: message, attr: attr && attr.split(".").pop() }));
