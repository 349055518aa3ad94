/**
 * Commands for databases that a client has prepared and executes later, as drivers do that prepare everything: the
 * backend knows the statements too, but what they do is the host's. Follows frontend messages (PostgreSQL 18
 * documentation, section 54.7), and knows no answer of the backend.
 */

import {
  answerTo,
  isWithoutParameters,
  parseDatabaseCommand,
  wholeMessages,
  type DatabaseCommand,
  type DatabaseRequest,
} from './database-command.ts'

const types = { query: 0x51, parse: 0x50, bind: 0x42, describe: 0x44, execute: 0x45, close: 0x43, sync: 0x53 }
const execution = [types.bind, types.execute, types.sync]
const ofStatement = 0x53
const headBytes = 5
/** One client prepares a few; who prepares more has them run by the backend. */
const knownMax = 16

/** What makes a server forget statements by SQL. */
const forgetting = /\b(?:deallocate|discard)\b/i

const utf8 = new TextDecoder()

export class PreparedDatabaseCommands {
  readonly #known = new Map<string, DatabaseCommand>()

  get isEmpty(): boolean {
    return this.#known.size === 0
  }

  /** Takes note of what is prepared and forgotten; `bytes` are empty where they are too long to look at. */
  note(bytes: Uint8Array): void {
    if (bytes.length === 0) this.#known.clear()
    for (const message of wholeMessages(bytes)) {
      const [first, second] = textsIn(message)
      if (message[0] === types.parse) this.#prepare(first, parseDatabaseCommand(second))
      else if (message[0] === types.close && message[headBytes] === ofStatement) {
        this.#known.delete(first.slice(1))
      } else if (message[0] === types.query) {
        // It ends the unnamed statement, whatever it is.
        this.#known.delete('')
        if (forgetting.test(first)) this.#known.clear()
      }
    }
  }

  /** One execution of a statement that is prepared in the same breath or was before; null for all else. */
  read(bytes: Uint8Array): DatabaseRequest | null {
    const messages = wholeMessages(bytes)
    const steps = messages.filter(([type]) => type !== types.describe)
    const parse = steps[0]?.[0] === types.parse ? steps.shift() : null
    if (steps.map(([type]) => type).join() !== execution.join()) return null
    const [bind = new Uint8Array(0)] = steps
    const [portal, name] = textsIn(bind)
    const command = this.#known.get(name)
    if (!command || portal !== '' || !isWithoutParameters(bind, name)) return null
    if (parse && textsIn(parse)[0] !== name) return null
    return { command, before: Buffer.concat(messages.map(answerTo)) }
  }

  #prepare(name: string, command: DatabaseCommand | null): void {
    this.#known.delete(name)
    if (command && this.#known.size < knownMax) this.#known.set(name, command)
  }
}

/** The first two C strings of a message. */
function textsIn(message: Uint8Array): [string, string] {
  const end = message.indexOf(0, headBytes)
  if (end < 0) return ['', '']
  const secondEnd = message.indexOf(0, end + 1)
  const second = secondEnd < 0 ? '' : utf8.decode(message.subarray(end + 1, secondEnd))
  return [utf8.decode(message.subarray(headBytes, end)), second]
}
