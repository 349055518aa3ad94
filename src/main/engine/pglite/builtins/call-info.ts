/**
 * The arguments that Postgres hands to a built-in function (FunctionCallInfoBaseData, fmgr.h). Knows no function.
 */

import type { PgliteModule } from '../pglite-module.ts'
import type { BackendMemory } from '../sessions/backend-memory.ts'

/** args, each a Datum and whether it is null; behind flinfo, context, resultinfo, fncollation, isnull, nargs. */
const argumentsOffset = 20
const argumentBytes = 8
/** One byte. */
const isNullOffset = 16

/** The word of an argument: its value, or where an int8 stands. */
export function argumentWord(memory: BackendMemory, callInfo: number, index: number): number {
  return memory.word(callInfo + argumentsOffset + index * argumentBytes)
}

/** An int8 as its lower and upper half. */
export function argumentInt8(memory: BackendMemory, callInfo: number, index: number): [number, number] {
  const place = argumentWord(memory, callInfo, index)
  return [memory.word(place), memory.word(place + 4)]
}

/** The function answers NULL, whatever else it answers. */
export function setNull(module: PgliteModule, callInfo: number): void {
  module.HEAPU8[callInfo + isNullOffset] = 1
}
