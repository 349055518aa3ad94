/**
 * Postgres's table of built-in functions: finds an entry by the name of its C function, and lets another
 * function take its place before anything has called it. Knows no function's meaning.
 */

import { assert } from '../../../../base/assert.ts'
import type { PgliteModule } from '../pglite-module.ts'
import type { BackendMemory } from '../sessions/backend-memory.ts'

/** FmgrBuiltin (utils/fmgrtab.h): foid, nargs and flags, funcName, func; sorted by foid. */
const entryBytes = 16
const nameOffset = 8
const functionOffset = 12

/** The built-in function of the lowest oid (catalog/pg_proc.dat), with which the table begins. */
const firstOid = 3
const firstName = 'heap_tableam_handler'

export interface BuiltinFunctionsOptions {
  readonly module: PgliteModule
  readonly memory: BackendMemory
  /** fmgr_builtins. */
  readonly table: number
}

export class BuiltinFunctions {
  readonly #options: BuiltinFunctionsOptions
  readonly #entriesByName = new Map<string, number[]>()

  constructor(options: BuiltinFunctionsOptions) {
    this.#options = options
  }

  /** The index of the function that implements `name`. */
  index(name: string): number {
    return this.#options.memory.word(this.#entries(name)[0] + functionOffset)
  }

  /** Puts a function in the place of `name`: it takes the address of a FunctionCallInfo and answers a Datum. */
  replace(name: string, run: (callInfo: number) => number): void {
    const { module, memory } = this.#options
    const index = module.addFunction(run, 'pp')
    for (const entry of this.#entries(name)) memory.setWord(entry + functionOffset, index)
  }

  #entries(name: string): [number, ...number[]] {
    if (this.#entriesByName.size === 0) this.#readTable()
    const [first, ...others] = this.#entriesByName.get(name) ?? []
    assert(first !== undefined, `Postgres has no built-in function ${name}`)
    return [first, ...others]
  }

  /** Once for all names: the table has three thousand entries. */
  #readTable(): void {
    const { memory, table } = this.#options
    let before = 0
    for (let entry = table; memory.word(entry) > before; entry += entryBytes) {
      before = memory.word(entry)
      const name = memory.text(memory.word(entry + nameOffset))
      const entries = this.#entriesByName.get(name)
      if (entries) entries.push(entry)
      else this.#entriesByName.set(name, [entry])
    }
  }
}

/** Whether the table may begin at that address. */
export function isFirstBuiltin(memory: BackendMemory, address: number): boolean {
  return memory.word(address) === firstOid && memory.isText(memory.word(address + nameOffset), firstName)
}
