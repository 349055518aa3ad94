/**
 * How many rows to ask Postgres for at once. A slice is the unit in which a result can be ended without
 * aborting a transaction: a small one brings the first screenful early, large ones cost nothing (measured:
 * 20,000 rows are as fast as all at once), and their bytes are bounded so that a cut result overshoots little.
 */

/** About two screenfuls, done in under a millisecond. */
const firstRows = 64
const rowsMax = 65_536
const growth = 16
/** Four batches. */
const bytesTarget = 2 << 20

export class SliceSize {
  rows = firstRows

  /** Learns from a finished slice. */
  next(finished: { readonly rows: number; readonly bytes: number }): void {
    const rowBytes = Math.max(1, finished.bytes / Math.max(1, finished.rows))
    const fitting = Math.floor(bytesTarget / rowBytes)
    this.rows = Math.max(1, Math.min(rowsMax, this.rows * growth, fitting))
  }
}
