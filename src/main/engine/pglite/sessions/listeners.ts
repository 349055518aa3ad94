/**
 * Who listens to what: Postgres keeps one list of channels for its one session and hands a notification to
 * whoever is current. Here each session has its list, and while Postgres looks for what has been notified it
 * sees the union of all. Knows no client.
 */

import { assert } from '../../../../base/assert.ts'
import type { EngineNotification } from '../../engine.ts'
import { backendTypes, readNotification } from '../../protocol/backend-message.ts'
import { frameBytes, frameHeadBytes } from '../../protocol/message-frames.ts'
import type { PgliteModule } from '../pglite-module.ts'
import type { BackendMemory } from './backend-memory.ts'

/** The channel by which the backend itself stays registered, whoever stops listening. */
export const ownChannel = '_wardian'

/** T_List (nodes/nodetags.h); only the length and the elements are looked at. */
const listTag = 1
/** struct List (nodes/pg_list.h): tag, length, max_length, elements. */
const lengthOffset = 4
const elementsOffset = 12
const listBytes = 16
/** As many as Postgres gives a new list (nodes/list.c). */
const spareElements = 5

/** AsyncQueueControl lies this close behind the backend's PGPROC, in shared memory. */
const searchBytes = 4 << 20

/** PGPROC itself is shorter. */
const processBytes = 1024

/** An unusual number, so that it is found. */
const markedProcessId = 0x57_41_52_44

/** Who is told of what is notified to a session that is not current. */
type Tell = (session: number, notification: EngineNotification) => void

export class Listeners {
  readonly #module: PgliteModule
  readonly #memory: BackendMemory
  readonly #listAddress: number
  readonly #channels = new Map<number, readonly string[]>()
  #union = 0

  constructor(module: PgliteModule, memory: BackendMemory, listAddress: number) {
    this.#module = module
    this.#memory = memory
    this.#listAddress = listAddress
  }

  /** Whether anybody but the backend itself listens. */
  get isAnybodyThere(): boolean {
    return this.#channels.size > 0
  }

  /** Notes what the current session listens to now. */
  note(session: number): void {
    const known = this.#channels.get(session)
    if (!this.isCurrentListening && !known) return
    const channels = this.#read(this.#memory.word(this.#listAddress)).filter((name) => name !== ownChannel)
    if (channels.join('\0') === (known ?? []).join('\0')) return
    if (channels.length === 0) this.#channels.delete(session)
    else this.#channels.set(session, channels)
    this.#buildUnion()
  }

  forget(session: number): void {
    if (this.#channels.delete(session)) this.#buildUnion()
  }

  /** Lets Postgres see what all listen to for the length of `run`. */
  whileAllListen(run: () => void): void {
    const end = this.showAll()
    try {
      run()
    } finally {
      end()
    }
  }

  /** As `whileAllListen`, until what is answered is called; nothing may be run that listens. */
  showAll(): () => void {
    const own = this.#memory.word(this.#listAddress)
    this.#memory.setWord(this.#listAddress, this.#union)
    return () => this.#memory.setWord(this.#listAddress, own)
  }

  /** What the session that is current is to get of these frames; notifications of others go to `tell`. */
  sort(bytes: Uint8Array, current: number, tell: Tell): Uint8Array[] {
    const own: Uint8Array[] = []
    for (let at = 0; at < bytes.length; at += frameBytes(bytes, at)) {
      const frame = bytes.subarray(at, at + frameBytes(bytes, at))
      if (frame[0] !== backendTypes.notificationResponse) {
        own.push(frame)
        continue
      }
      const notification = readNotification(frame.subarray(frameHeadBytes))
      for (const session of this.of(notification.channel)) {
        if (session === current) own.push(frame)
        else tell(session, notification)
      }
    }
    return own
  }

  /** The sessions that listen to a channel. */
  of(channel: string): number[] {
    return [...this.#channels]
      .filter(([, channels]) => channels.includes(channel))
      .map(([session]) => session)
  }

  /** Whether Postgres has the backend down as one that listens (amRegisteredListener follows listenChannels). */
  get isRegistered(): boolean {
    return this.#memory.byte(this.#listAddress + 4) !== 0
  }

  /**
   * A session that listens to nothing has a list nevertheless: where it is null, Postgres takes the backend off
   * the register whenever such a session notifies others (AtCommit_Notify).
   */
  ensureList(): void {
    if (this.#memory.word(this.#listAddress) !== 0) return
    const module = this.#module
    const context = this.#memory.word(module._TopMemoryContext)
    const list = module._MemoryContextAlloc(context, listBytes + 4 * spareElements)
    this.#memory.setWord(list, listTag)
    this.#memory.setWord(list + lengthOffset, 0)
    this.#memory.setWord(list + lengthOffset + 4, spareElements)
    this.#memory.setWord(list + elementsOffset, list + listBytes)
    this.#memory.setWord(this.#listAddress, list)
  }

  /** Whether the current session listens to anything. */
  get isCurrentListening(): boolean {
    return this.isListening(this.#memory.word(this.#listAddress))
  }

  /** Whether a session listens to anything whose list this is; 0 for none. */
  isListening(list: number): boolean {
    return list !== 0 && this.#memory.word(list + lengthOffset) > 0
  }

  #read(list: number): string[] {
    if (list === 0) return []
    const elements = this.#memory.word(list + elementsOffset)
    return Array.from({ length: this.#memory.word(list + lengthOffset) }, (_, index) =>
      this.#memory.text(this.#memory.word(elements + 4 * index)),
    )
  }

  /** A list that Postgres only reads, in memory that it does not know of. */
  #buildUnion(): void {
    if (this.#union !== 0) this.#module._free(this.#union)
    this.#union = 0
    const texts = [...new Set([...this.#channels.values()].flat())].map((name) => Buffer.from(`${name}\0`))
    if (texts.length === 0) return
    const textBytes = texts.reduce((sum, text) => sum + text.length, 0)
    const list = this.#module._malloc(listBytes + 4 * texts.length + textBytes)
    const elements = list + listBytes
    this.#memory.setWord(list, listTag)
    this.#memory.setWord(list + lengthOffset, texts.length)
    this.#memory.setWord(list + lengthOffset + 4, texts.length)
    this.#memory.setWord(list + elementsOffset, elements)
    let at = elements + 4 * texts.length
    texts.forEach((text, index) => {
      this.#memory.setWord(elements + 4 * index, at)
      this.#module.HEAPU8.set(text, at)
      at += text.length
    })
    this.#union = list
  }
}

/**
 * Finds the process id that Postgres compares with its own to know whether a notification is for itself
 * (AsyncQueueControl, commands/async.c), by running `listen` under an unusual one.
 */
export function findNotifiedProcess(
  { module, memory }: { module: PgliteModule; memory: BackendMemory },
  setProcessId: (processId: number) => void,
  listen: () => void,
): number {
  const process = memory.word(module._MyProc)
  const before = memory.word(module._MyProcPid)
  setProcessId(markedProcessId)
  listen()
  const near = memory.words.subarray((process + processBytes) >> 2, (process + searchBytes) >> 2)
  const hits: number[] = []
  for (
    let index = near.indexOf(markedProcessId);
    index >= 0;
    index = near.indexOf(markedProcessId, index + 1)
  ) {
    hits.push(process + processBytes + 4 * index)
  }
  setProcessId(before)
  assert(hits.length === 1, 'The process id of those who listen stands in one place')
  return hits[0] ?? 0
}
