/**
 * What the module offers, and nothing else: the list in ../exports.json is compared with it. The order of calls
 * is reserve, write the bytes there, scan, and encode when there are rows enough.
 */

export {
  clear,
  drop,
  reserve,
  rowBytes,
  rowCount,
  setColumnCount,
  setColumnKind,
  unreadAt,
  unreadBytes,
} from './arena'
export { failedColumn, failedRow, failedValue, scan } from './scan'
export { batchBytes, encode, encodeFault } from './encode'
