/** Findings of the automatic checks, as the pages show them. */

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
