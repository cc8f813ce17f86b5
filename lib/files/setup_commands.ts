/** The command that installs what is missing or damaged; named where something is not there. */
export const SETUP_COMMAND = "npx --yes deno@2.9.6 task setup";

/** The command that installs everything anew; named where something that is there does not load. */
export const REPAIR_COMMAND = `${SETUP_COMMAND} --repair`;
