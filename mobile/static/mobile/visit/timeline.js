/** The events of a submission as a person reads them: the API tells each in a sentence. */

import { dateTime } from "../lib/format.js";

/** @param {{at: string, actor: string, verb: string, detail: string}[]} events  @returns {object[]} newest first */
export const presentEvents = (events) =>
  (events ?? []).map((event, index) => ({ key: index, said: event.detail, at: `${dateTime(event.at)} · ${event.actor}` })).reverse();
