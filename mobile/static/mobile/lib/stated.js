/** What is said of a visit beside the care and the place: a vacation, an injury, a newborn, childbirth. */

/** @returns {object} a choice for each, none of them made */
export const blankStated = () => ({ vacation: false, injury: false, no_third_party: false, newborn: false, maternity: false });

/** @param {{care: string, stated: object, born_on: string}} visit  @returns {object} what is true, as the API takes it: childbirth is a stay, the statement is of an injury, the birth date a newborn's */
export function statedOf({ care, stated, born_on }) {
  const fits = { maternity: care === "inpatient", no_third_party: stated.injury };
  const said = Object.fromEntries(Object.entries(stated).filter(([name, so]) => so && (fits[name] ?? true)));
  return stated.newborn && born_on ? { ...said, born_on } : said;
}
