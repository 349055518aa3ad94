/** The port of the workbench. */

/** Browsers keep what they remember by origin, port included; one port for all starts keeps it. */
export const preferredPort = 7437
