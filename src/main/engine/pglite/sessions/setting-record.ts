/**
 * One setting as Postgres keeps it (struct config_generic and its kinds, utils/guc_tables.h of PostgreSQL 18):
 * what of it belongs to a session, as words that can be taken out and put back. Knows no setting's meaning.
 */

import type { BackendMemory } from './backend-memory.ts'

/** Offsets in struct config_generic, in bytes. */
const offsets = {
  name: 0,
  class: 4,
  flags: 20,
  kind: 24,
  source: 32,
  resetSource: 36,
  context: 40,
  resetContext: 44,
  role: 48,
  resetRole: 52,
  extra: 60,
  link: 64,
  variable: 92,
} as const

/** PGC_POSTMASTER and PGC_SIGHUP (enum GucContext, utils/guc.h). */
const serverClasses = [1, 2]

/** GUC_CUSTOM_PLACEHOLDER (utils/guc.h). */
const placeholderFlag = 0x0200

/** enum config_type. */
const kinds = { bool: 0, int: 1, real: 2, string: 3, enum: 4 } as const

/** Where each kind keeps its hook that is told of a new value, what RESET goes back to, and that one's extra. */
const kindOffsets = {
  [kinds.bool]: { assignHook: 104, resetValue: 112, resetExtra: 116 },
  [kinds.int]: { assignHook: 112, resetValue: 120, resetExtra: 124 },
  [kinds.real]: { assignHook: 124, resetValue: 136, resetExtra: 144 },
  [kinds.string]: { assignHook: 104, resetValue: 112, resetExtra: 116 },
  [kinds.enum]: { assignHook: 108, resetValue: 116, resetExtra: 120 },
} as const

/** The hook of a bool setting that is asked whether a new value is allowed (struct config_bool). */
const boolCheckHookOffset = 100

/** What a session may have of its own: sources, contexts, roles, extra, value (two words), the same for RESET. */
export type SettingWords = readonly number[]

/** Places in SettingWords. */
export const settingWord = {
  source: 0,
  resetSource: 1,
  extra: 6,
  value: 7,
  resetValue: 9,
  resetExtra: 11,
} as const

const headOffsets = [
  offsets.source,
  offsets.resetSource,
  offsets.context,
  offsets.resetContext,
  offsets.role,
  offsets.resetRole,
  offsets.extra,
] as const

/** Byte offset of the list link, by which settings that are not at their default are chained. */
export const settingLinkOffset = offsets.link

export class SettingRecord {
  readonly address: number
  readonly name: string
  readonly isText: boolean
  /** It stands for a name that no module has defined, such as `my.own`. */
  readonly isPlaceholder: boolean
  /** It is the whole server's, and no session can set it. */
  readonly isServers: boolean
  /** Index into the table of functions; 0 for none. */
  readonly assignHook: number
  readonly #isReal: boolean
  readonly #isBool: boolean
  readonly #memory: BackendMemory
  /** Byte addresses of what SettingWords holds; 0 where a kind has no second word. */
  readonly #places: readonly number[]
  /** Of the value: of some settings it is asked behind every message. */
  readonly #valuePlace: number

  constructor(memory: BackendMemory, address: number) {
    this.#memory = memory
    this.address = address
    const kind = memory.word(address + offsets.kind) as keyof typeof kindOffsets
    const { assignHook, resetValue, resetExtra } = kindOffsets[kind]
    const variable = memory.word(address + offsets.variable)
    this.name = memory.text(memory.word(address + offsets.name))
    this.isText = kind === kinds.string
    this.isPlaceholder = (memory.word(address + offsets.flags) & placeholderFlag) !== 0
    this.isServers = serverClasses.includes(memory.word(address + offsets.class))
    this.#isReal = kind === kinds.real
    this.#isBool = kind === kinds.bool
    this.assignHook = memory.word(address + assignHook)
    this.#valuePlace = variable
    const second = (first: number): number => (this.#isReal ? first + 4 : 0)
    this.#places = [
      ...headOffsets.map((offset) => address + offset),
      ...[variable, second(variable)],
      ...[address + resetValue, second(address + resetValue)],
      address + resetExtra,
    ]
  }

  /** Where everything stands that a session may have of its own. */
  get addresses(): readonly number[] {
    return this.#places.filter((place) => place !== 0)
  }

  read(): number[] {
    return this.#places.map((_, index) => this.#get(index))
  }

  /** Whether it has other words than these. Asked of dozens of settings whenever sessions change. */
  differs(words: SettingWords): boolean {
    const heap = this.#memory.words
    for (let index = 0; index < words.length; index++) {
      const place = this.#places[index] ?? 0
      const isByte = this.#isBool && isValue(index)
      const value = isByte ? this.#memory.byte(place) : place === 0 ? 0 : heap[place >> 2]
      if (value !== words[index]) return true
    }
    return false
  }

  /** Where its name stands: the key by which Postgres finds it. */
  get nameAddress(): number {
    return this.address + offsets.name
  }

  get isDefault(): boolean {
    return this.#get(settingWord.source) === 0
  }

  /** Whether its value is the very one that RESET goes back to. */
  get isAtReset(): boolean {
    return (
      this.#get(settingWord.value) === this.#get(settingWord.resetValue) &&
      this.#get(settingWord.value + 1) === this.#get(settingWord.resetValue + 1) &&
      this.#get(settingWord.extra) === this.#get(settingWord.resetExtra)
    )
  }

  /** Puts all of it back; the hook is the caller's to call. */
  write(words: SettingWords): void {
    for (let index = 0; index < words.length; index++) this.#set(index, words[index] ?? 0)
  }

  /** Makes the value that it has the one that RESET goes back to, in memory only: the value must be set anew. */
  promoteToReset(source: number): void {
    this.#set(settingWord.resetSource, source)
    this.#set(settingWord.resetValue, this.#get(settingWord.value))
    this.#set(settingWord.resetValue + 1, this.#get(settingWord.value + 1))
    this.#set(settingWord.resetExtra, this.#get(settingWord.extra))
  }

  setSource(source: number): void {
    this.#set(settingWord.source, source)
  }

  /** The value as its hook is given it. */
  get hookArgument(): number {
    if (this.#isReal) return this.#memory.float64(this.#places[settingWord.value] ?? 0)
    return this.#get(settingWord.value)
  }

  /** The value's first word: a pointer for texts. */
  get valueWord(): number {
    return this.#isBool ? this.#memory.byte(this.#valuePlace) : this.#memory.word(this.#valuePlace)
  }

  /** Changes the value alone, in memory only, for a moment; whoever does puts the one before back. */
  set valueWord(word: number) {
    this.#set(settingWord.value, word)
  }

  /** Byte address of the index of the function that is told of new values (a bool setting's). */
  get boolHookAddress(): number {
    return this.address + kindOffsets[kinds.bool].assignHook
  }

  /** Byte address of the index of the function that checks new values (a bool setting's); 0 there for none. */
  get boolCheckAddress(): number {
    return this.address + boolCheckHookOffset
  }

  get extra(): number {
    return this.#get(settingWord.extra)
  }

  #get(index: number): number {
    const place = this.#places[index] ?? 0
    if (place === 0) return 0
    return this.#isBool && isValue(index) ? this.#memory.byte(place) : this.#memory.word(place)
  }

  #set(index: number, value: number): void {
    const place = this.#places[index] ?? 0
    if (place === 0) return
    if (this.#isBool && isValue(index)) this.#memory.setByte(place, value)
    else this.#memory.setWord(place, value)
  }
}

function isValue(index: number): boolean {
  return index === settingWord.value || index === settingWord.resetValue
}
