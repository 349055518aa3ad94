/**
 * The number of the engine's own session, which lasts as long as the backend.
 */

export const ownSession = 0
