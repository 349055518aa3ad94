/**
 * Every bound that both sides must know, with its unit in the name and the reason for the number. Bounds that
 * only one file needs stand in that file.
 */

/** One message from a client to the host; larger texts are uploaded in parts. Keeps parsing under a few ms. */
export const clientMessageBytesMax = 1 << 20

/** One part of an uploaded text. Half a message, so that the head always fits beside it. */
export const textPartBytesMax = 512 << 10

/** The largest statement or script. 50 MB statements must run; Postgres itself stops at 1 GB. */
export const textBytesMax = 128 << 20

/** One message from the host to a client: a row of 64 MB must pass, with its directory, as one batch. */
export const hostMessageBytesMax = 256 << 20

/** A batch is handed over when it has this many bytes: large enough to amortise a hop, small enough for 60 Hz. */
export const batchBytesTarget = 512 << 10

/** Postgres's own limit of columns in a target list (PostgreSQL 18 documentation, appendix K). */
export const columnsMax = 1664

/** Payload of one result that a window keeps; it asks for no more. A tab of Chromium holds about 4 GB. */
export const resultBytesMax = 512 << 20

/** Batches that may travel unacknowledged on one stream: two in flight, two being drawn. */
export const streamCreditMax = 4

/** Calls and streams that one client may have open at once; more is a defect of that client. */
export const openRequestsMax = 256

/** Sessions of one instance: each costs little, but a leak should end in an error rather than in memory. */
export const sessionsPerInstanceMax = 100

/** Statements of one script: each gets a result tab and a history entry. */
export const scriptStatementsMax = 10_000

/** Results that a window shows of one script; the rows of later ones are only counted, which it says. */
export const scriptResultsShownMax = 100

/** Instance names become directory names. */
export const instanceNameLengthMax = 63

/** Editor tabs of one window. */
export const tabsMax = 200

/** History entries answered at once. */
export const historyPageMax = 200

/** Text of one history entry that is kept; longer texts are kept cut, and marked so. */
export const historyTextLengthMax = 1 << 20

/** Children of one tree node answered at once; more are filtered, not scrolled. */
export const catalogPageMax = 1_000

/** Clients of an endpoint that are told of at once: twice what it lets in. */
export const endpointClientsMax = 1_000
