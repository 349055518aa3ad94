/**
 * A link to an instance of this host: a session of its own beside consoles and clients of the wire, as the superuser.
 * Waits for its turn like everybody; while its transaction is open others wait, for as long as the work takes.
 */

import { onDispose, type Disposable } from '../../base/disposable.ts'
import { WorkbenchError } from '../../contract/error.ts'
import type { WireConversation } from '../session/wire-conversation.ts'
import { WireServer, type WireServerOptions } from '../session/wire-server.ts'
import { LinkInput } from './link-input.ts'
import type { ProtocolLink } from './protocol-link.ts'

/** PGlite's superuser, who owns everything that nobody else owns. */
const superuser = 'postgres'

/** The other side of a copy may build indexes for hours, and what is read must stay as it was meanwhile. */
const idleTransactionMs = 2 ** 31 - 1

export interface WireLinkOptions extends Pick<
  WireServerOptions,
  'turns' | 'engines' | 'onDidLoseEngine' | 'clock'
> {
  /** The instance's name. */
  readonly name: string
  /** What those who wait for it are told. */
  readonly title: string
}

/** Opens the instance's engine if it is not running. */
export async function openWireLink(options: WireLinkOptions): Promise<ProtocolLink> {
  const { turns, engines, onDidLoseEngine, clock, name, title } = options
  const server = new WireServer({
    ...{ turns, engines, onDidLoseEngine, clock, idleTransactionMs },
    onDatabaseCommand: () =>
      Promise.reject(new WorkbenchError('unsupported', 'databases are made and dropped as instances')),
  })
  try {
    const conversation = await server.openSession({
      ...{ role: superuser, settings: new Map(), title, address: null, port: null },
    })
    return new WireLink(name, conversation, server)
  } catch (error) {
    server.dispose()
    throw error
  }
}

class WireLink implements ProtocolLink {
  readonly title: string
  readonly role = superuser
  readonly database: string
  readonly parameters: ReadonlyMap<string, string>
  readonly #conversation: WireConversation
  readonly #input = new LinkInput((isHeld) => this.#conversation.hold(isHeld))
  readonly #end: Disposable
  #room: PromiseWithResolvers<void> | null = null

  constructor(name: string, conversation: WireConversation, server: WireServer) {
    this.title = name
    this.database = name
    this.parameters = conversation.parameters
    this.#conversation = conversation
    this.#end = onDispose('wire-link', () => {
      this.#room?.resolve()
      this.#input.end(new WorkbenchError('closed', 'The session was closed'))
      conversation.dispose()
      server.dispose()
    })
    conversation.start({
      onOutput: (bytes) => this.#input.put(bytes),
      onRoom: () => this.#tellRoom(),
      onEnd: (error) => {
        this.#input.end(error)
        this.#tellRoom()
      },
    })
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#conversation.write(bytes)) return
    this.#room ??= Promise.withResolvers()
    await this.#room.promise
  }

  read(): Promise<Uint8Array> {
    return this.#input.read()
  }

  cancel(): void {
    this.#conversation.cancel()
  }

  dispose(): void {
    this.#end.dispose()
  }

  #tellRoom(): void {
    this.#room?.resolve()
    this.#room = null
  }
}
