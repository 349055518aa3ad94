/**
 * The settings of sessions that share one backend: takes out what a session has changed and puts back what the
 * next one has, as words and pointers, and tells Postgres's own hooks, as Postgres itself does when it rolls a
 * setting back. Every session keeps its own texts; none is freed while another may point to it. Knows no
 * session and no setting's meaning, except those that are no session's.
 */

import type { PgliteModule } from '../pglite-module.ts'
import type { BackendMemory } from './backend-memory.ts'
import { hashTableEntries } from './hash-table.ts'
import { SettingRecord, settingLinkOffset, settingWord, type SettingWords } from './setting-record.ts'
import { SettingsSnapshot, wordsAt } from './settings-snapshot.ts'

/** What differs from the backend's own settings, by the setting's address. */
export type ChangedSettings = ReadonlyMap<number, SettingWords>

/** enum GucSource (utils/guc.h). */
const sourceDefault = 0
const sourceClient = 9
const sourceSession = 13
/** enum GucContext: as a superuser at the start of a connection, and later. */
const contextSuperuserSet = 5

/** HASHACTION (utils/hsearch.h). */
const findAction = 0
const enterAction = 1
const removeAction = 2

/** struct GUCHashEntry: name, setting. */
const entrySettingOffset = 4

/** They belong to a transaction, or are no value at all: Postgres sets them itself. */
const passedOver = new Set([
  'transaction_isolation',
  'transaction_read_only',
  'transaction_deferrable',
  'seed',
])

/** Their hooks look up roles. The user ids that they would set are swapped as words. */
const withoutHook = new Set(['role', 'session_authorization', 'is_superuser'])

/** What may differ from the backend's own settings while these are listed. */
interface LookedSettings {
  /** Addresses of the settings that are not at their default, in their order. */
  readonly listed: readonly number[]
  readonly records: readonly SettingRecord[]
  /** Where all of it stands. */
  readonly places: Int32Array
}

export interface SessionSettingsOptions {
  readonly module: PgliteModule
  readonly memory: BackendMemory
  /** The static variable that points to the hash table of settings. */
  readonly settingTable: number
  /** Calls a function of the module by its index. */
  call(index: number, ...parameters: readonly number[]): void
}

export class SessionSettings {
  readonly #options: SessionSettingsOptions
  readonly #records = new Map<number, SettingRecord>()
  /** Names in lower case, as Postgres compares them. */
  readonly #names = new Map<string, SettingRecord>()
  readonly #baseline = new Map<number, SettingWords>()
  /** Linked at the time of the baseline. */
  readonly #linked: ReadonlySet<number>
  readonly #listHead: number
  /** How they lie in memory while their session is current. */
  readonly #snapshots = new WeakMap<ChangedSettings, SettingsSnapshot>()
  /** Of the session that was taken last: most have the same ones listed. */
  #looked: LookedSettings | null = null
  /** Settings that are everybody's, by address; those of modules are added when they appear. */
  readonly #common: Set<number>

  /** Takes the settings as they are now for those of a new session. */
  constructor(options: SessionSettingsOptions) {
    this.#options = options
    const { module, memory } = options
    for (const entry of hashTableEntries(module, memory.word(options.settingTable))) {
      const record = new SettingRecord(memory, memory.word(entry + entrySettingOffset))
      this.#records.set(record.address, record)
      this.#names.set(record.name.toLowerCase(), record)
      // What all sessions begin with must never be freed, so it must be what RESET goes back to.
      if (!record.isAtReset) record.promoteToReset(sourceClient)
      this.#baseline.set(record.address, record.read())
    }
    this.#common = new Set(this.#records.keys())
    this.#listHead = this.#findListHead()
    this.#linked = new Set(this.#listed())
  }

  /** What the current session has changed; `known` is what it had changed when it was given the backend. */
  take(known: ChangedSettings): ChangedSettings {
    if (this.#snapshots.get(known)?.isCurrent() === true) return known
    const { records, places } = this.#lookedAt(this.#listed())
    const changed = new Map<number, SettingWords>()
    for (const record of records) {
      if (record.differs(this.#baselineOf(record))) changed.set(record.address, record.read())
    }
    this.#snapshots.set(changed, new SettingsSnapshot(this.#options.memory, places))
    return changed
  }

  /** Takes the placeholders of the current session away, so that nobody else knows their names. */
  takePlaceholders(): readonly number[] {
    const { module } = this.#options
    const table = this.#table
    if (module._hash_get_num_entries(table) === this.#common.size) return []
    const own: number[] = []
    for (const entry of hashTableEntries(module, table)) {
      const address = this.#options.memory.word(entry + entrySettingOffset)
      if (this.#common.has(address)) continue
      if (this.#record(address).isPlaceholder) own.push(address)
      else this.#common.add(address)
    }
    for (const address of own) module._hash_search(table, this.#record(address).nameAddress, removeAction, 0)
    return own
  }

  /** Gives them back, except where a module has defined the name meanwhile. */
  putPlaceholders(placeholders: readonly number[]): void {
    const { module, memory } = this.#options
    for (const address of placeholders) {
      const { nameAddress } = this.#record(address)
      if (module._hash_search(this.#table, nameAddress, findAction, 0) !== 0) continue
      const entry = module._hash_search(this.#table, nameAddress, enterAction, 0)
      memory.setWord(entry + entrySettingOffset, address)
    }
  }

  /** Goes from what one session has changed to what another has. */
  exchange(from: ChangedSettings, to: ChangedSettings): void {
    for (const address of from.keys()) {
      if (!to.has(address)) this.#put(this.#record(address), this.#baselineOf(this.#record(address)))
    }
    for (const [address, words] of to) {
      const before = from.get(address)
      if (!before || !isSame(before, words)) this.#put(this.#record(address), words)
    }
  }

  /**
   * Sets what a session begins with, which RESET goes back to (a start-up parameter). Postgres would free the
   * value that all other sessions begin with, so the session first gets a value of its own, then that one is
   * made the one to go back to. `source` is where it comes from (GucSource). Throws as SetConfigOption does.
   */
  setInitial(name: string, value: string, source = sourceClient): void {
    this.set(name, value)
    const record = this.#byName(name)
    if (!record) return
    record.promoteToReset(source)
    this.set(name, value)
    record.setSource(source)
  }

  /** As SET does it. Throws as SetConfigOption does; some settings can only be set in a transaction. */
  set(name: string, value: string): void {
    const { module } = this.#options
    const stack = module.stackSave()
    try {
      const [nameText, valueText] = [module.stringToUTF8OnStack(name), module.stringToUTF8OnStack(value)]
      module._SetConfigOption(nameText, valueText, contextSuperuserSet, sourceSession)
    } finally {
      module.stackRestore(stack)
    }
  }

  /** Makes what a session has now what RESET goes back to, for a setting that only a transaction could set. */
  keepAsInitial(name: string): void {
    this.#byName(name)?.promoteToReset(sourceClient)
  }

  /**
   * Makes Postgres plan anew what it has planned. The function that it calls for a new session_replication_role
   * does nothing else (assign_session_replication_role, commands/trigger.c).
   */
  forgetPlans(): void {
    const record = this.#byName('session_replication_role')
    if (record) this.#options.call(record.assignHook, record.valueWord + 1, 0)
  }

  /** Settings whose changes are watched. */
  watch(names: readonly string[]): readonly SettingRecord[] {
    return names.flatMap((name) => this.#names.get(name.toLowerCase()) ?? [])
  }

  /** Is another whenever one of these may have changed. */
  fingerprint(records: readonly SettingRecord[]): readonly number[] {
    return records.map((record) => record.valueWord)
  }

  /** Whether none of these can have changed. Asked behind every message. */
  hasFingerprint(records: readonly SettingRecord[], fingerprint: readonly number[]): boolean {
    for (let index = 0; index < records.length; index++) {
      if (records[index]?.valueWord !== fingerprint[index]) return false
    }
    return true
  }

  /** Gives back the memory of a session that has ended; its settings must not be current. */
  free(changed: ChangedSettings, placeholders: readonly number[]): void {
    for (const [address, words] of changed) {
      if (placeholders.includes(address)) continue
      const record = this.#record(address)
      const kept = new Set(textsOf(record, this.#baselineOf(record)))
      for (const pointer of new Set(textsOf(record, words))) if (!kept.has(pointer)) this.#free(pointer)
    }
    for (const address of placeholders) this.#freePlaceholder(address, changed.get(address) ?? [])
  }

  #freePlaceholder(address: number, words: SettingWords): void {
    const { memory } = this.#options
    const record = this.#record(address)
    const texts = new Set([...textsOf(record, words), ...textsOf(record, this.#baselineOf(record))])
    for (const pointer of texts) this.#free(pointer)
    this.#free(memory.word(record.nameAddress))
    this.#free(address)
    this.#records.delete(address)
    this.#baseline.delete(address)
    this.#looked = null
  }

  #free(pointer: number): void {
    if (pointer !== 0) this.#options.module._guc_free(pointer)
  }

  /** While the ring is the same, nothing is in it that is not watched. */
  #lookedAt(listed: readonly number[]): LookedSettings {
    if (this.#looked && isSame(this.#looked.listed, listed)) return this.#looked
    const watched = new Set([...this.#linked, ...listed])
    const records = [...watched]
      .map((address) => this.#record(address))
      .filter(({ isServers, name }) => !isServers && !passedOver.has(name))
    const links = [this.#listHead, ...listed.map((address) => address + settingLinkOffset)]
    const addresses = [...records.flatMap(({ addresses }) => addresses), ...links.map((link) => link + 4)]
    this.#looked = { listed, records, places: wordsAt(addresses) }
    return this.#looked
  }

  #put(record: SettingRecord, words: SettingWords): void {
    const wasDefault = record.isDefault
    const isDefault = words[settingWord.source] === sourceDefault
    record.write(words)
    if (wasDefault && !isDefault) this.#link(record.address)
    if (!wasDefault && isDefault) this.#unlink(record.address)
    if (record.assignHook !== 0 && !withoutHook.has(record.name)) {
      this.#options.call(record.assignHook, record.hookArgument, record.extra)
    }
  }

  /** A setting that appeared later, such as an extension's, begins with what RESET goes back to. */
  #baselineOf(record: SettingRecord): SettingWords {
    const known = this.#baseline.get(record.address)
    if (known) return known
    const words = record.read()
    words[settingWord.source] = sourceDefault
    words[settingWord.value] = words[settingWord.resetValue] ?? 0
    words[settingWord.value + 1] = words[settingWord.resetValue + 1] ?? 0
    words[settingWord.extra] = words[settingWord.resetExtra] ?? 0
    this.#baseline.set(record.address, words)
    return words
  }

  get #table(): number {
    const { memory, settingTable } = this.#options
    return memory.word(settingTable)
  }

  #record(address: number): SettingRecord {
    let record = this.#records.get(address)
    if (!record) {
      record = new SettingRecord(this.#options.memory, address)
      this.#records.set(address, record)
    }
    return record
  }

  #byName(name: string): SettingRecord | undefined {
    const wanted = name.toLowerCase()
    const known = this.#names.get(wanted)
    if (known) return known
    // One that has appeared since, such as an extension's, is linked: it has just been set.
    return this.#listed()
      .map((address) => this.#record(address))
      .find((record) => record.name.toLowerCase() === wanted)
  }

  /** guc_nondef_list: the only link of the ring that lies in no setting. */
  #findListHead(): number {
    const { memory } = this.#options
    const first = [...this.#records.values()].find((record) => !record.isDefault)
    let link = (first?.address ?? 0) + settingLinkOffset
    while (this.#records.has(link - settingLinkOffset)) link = memory.word(link + 4)
    return link
  }

  /** Addresses of the settings that are not at their default (dlist_node: prev, next). */
  #listed(): number[] {
    const { words } = this.#options.memory
    const next = (link: number): number => words[(link + 4) >> 2] ?? 0
    const listed: number[] = []
    for (let link = next(this.#listHead); link !== this.#listHead; link = next(link)) {
      listed.push(link - settingLinkOffset)
    }
    return listed
  }

  #link(address: number): void {
    const { memory } = this.#options
    const [link, head] = [address + settingLinkOffset, this.#listHead]
    const last = memory.word(head)
    memory.setWord(link, last)
    memory.setWord(link + 4, head)
    memory.setWord(last + 4, link)
    memory.setWord(head, link)
  }

  #unlink(address: number): void {
    const { memory } = this.#options
    const link = address + settingLinkOffset
    const [previous, next] = [memory.word(link), memory.word(link + 4)]
    memory.setWord(previous + 4, next)
    memory.setWord(next, previous)
  }
}

/** What of a setting lies in memory of its own; 0 for nothing. */
function textsOf(record: SettingRecord, words: SettingWords): number[] {
  const places: number[] = [settingWord.extra, settingWord.resetExtra]
  if (record.isText) places.push(settingWord.value, settingWord.resetValue)
  return places.map((place) => words[place] ?? 0)
}

function isSame(one: readonly number[], other: readonly number[]): boolean {
  if (one.length !== other.length) return false
  for (let index = 0; index < one.length; index++) if (one[index] !== other[index]) return false
  return true
}
