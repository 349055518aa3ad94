/** `utilityProcess`: a Node of its own, with the ports that it is given tunnelled to it. */

import { fork, type ChildProcess } from 'node:child_process'
import { EventEmitter } from 'node:events'
import type Electron from 'electron'
import { onEnd } from './lifecycle.ts'
import { isPortMessage, PortTunnel, StandInPort } from './message-ports.ts'
import { onlyWhenReady } from './readiness.ts'
import { strict } from './strict.ts'
import type { ToUtility } from './utility-messages.ts'

type Members = Pick<Electron.UtilityProcess, 'pid' | 'stdout' | 'stderr' | 'kill' | 'postMessage'>

const boot = new URL('./utility-boot.ts', import.meta.url).href

const optionsKnown: ReadonlySet<string> = new Set(['serviceName', 'stdio', 'env', 'cwd', 'execArgv'])

class StandInUtility extends EventEmitter implements Members {
  readonly #child: ChildProcess
  readonly #tunnel: PortTunnel

  constructor(child: ChildProcess) {
    super()
    this.#child = child
    this.#tunnel = new PortTunnel('main', (message) => this.#send(message))
    child.on('spawn', () => this.emit('spawn'))
    child.on('message', (message) => {
      if (isPortMessage(message)) this.#tunnel.receive(message)
      else this.emit('message', (message as { readonly data: unknown }).data)
    })
    child.on('exit', (code) => {
      this.#tunnel.drop()
      this.emit('exit', code ?? 1)
    })
  }

  get pid(): number | undefined {
    return this.#child.exitCode === null && this.#child.signalCode === null ? this.#child.pid : undefined
  }

  get stdout(): NodeJS.ReadableStream | null {
    return this.#child.stdout
  }

  get stderr(): NodeJS.ReadableStream | null {
    return this.#child.stderr
  }

  kill(): boolean {
    return this.#child.kill()
  }

  postMessage(data: unknown, transfer: readonly unknown[] = []): void {
    const ports = transfer.map((port) => {
      if (!(port instanceof StandInPort)) throw new TypeError('Port at index 0 is not a valid port')
      return this.#tunnel.give(port)
    })
    this.#send({ kind: 'parent', data, ports })
  }

  #send(message: ToUtility): void {
    // A process that is ending hears nothing; whoever waits for its answer hears that it ended.
    if (this.#child.connected) this.#child.send(message, () => undefined)
  }
}

const running = new Map<ChildProcess, string>()

/** The processes that run, as `app.getAppMetrics` tells of them. */
export function utilityMetrics(): readonly Electron.ProcessMetric[] {
  return [...running].map(([{ pid = 0 }, name]) => {
    const known = { pid, type: 'Utility', name, serviceName: 'node.mojom.NodeService' } as const
    return strict('ProcessMetric', known) as unknown as Electron.ProcessMetric
  })
}

function forkUtility(
  module: string,
  args: readonly string[] = [],
  options: Electron.ForkOptions = {},
): Electron.UtilityProcess {
  for (const name of Object.keys(options)) {
    if (!optionsKnown.has(name)) throw new Error(`stand-in: utilityProcess.fork: ${name} is not implemented`)
  }
  const { stdio = 'inherit', env = process.env, cwd, execArgv = [] } = options
  const output = stdio === 'pipe' ? 'pipe' : stdio === 'ignore' ? 'ignore' : 'inherit'
  const child = fork(module, args, {
    env: env as NodeJS.ProcessEnv,
    cwd,
    execArgv: ['--no-warnings', '--import', boot, ...execArgv],
    serialization: 'advanced',
    stdio: ['ignore', output, output, 'ipc'],
  })
  running.set(child, options.serviceName ?? 'Node Utility Process')
  child.once('exit', () => running.delete(child))
  onEnd(() => void child.kill('SIGKILL'))
  return strict('UtilityProcess', new StandInUtility(child))
}

export const utilityProcess = strict('utilityProcess', {
  fork: onlyWhenReady('utilityProcess', forkUtility),
})
