/** What `progress` may say. */
export const progressModes = ["auto", "tty", "plain", "json", "none"] as const;

/**
 * What is shown of runs on stderr. `auto`: a live block on a terminal, sparse lines elsewhere. `json`: the events, one
 * a line.
 */
export type ProgressMode = (typeof progressModes)[number];
