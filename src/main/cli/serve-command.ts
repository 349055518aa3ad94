/**
 * `wardian serve`: the workbench in a browser, until it is interrupted. Says where it is, opens it, waits.
 */

import { givenToken } from '../endpoints/access-control.ts'
import { openBrowser } from '../headless/open-browser.ts'
import { serve, type Serving } from '../headless/serve.ts'
import { watchUse } from '../headless/watch-use.ts'
import { pageFolder } from '../page/product-folder.ts'
import { chosenDirectory, terminalLog, type CommandContext, type DataOption } from './command-context.ts'
import { InterruptedError } from './exit-code.ts'

export interface ServeCommandOptions extends DataOption {
  readonly port?: number
  readonly open: boolean
  readonly json?: true
  /** Ends it when nobody has used it for a while. */
  readonly untilUnused?: true
}

export async function runServe(context: CommandContext, options: ServeCommandOptions): Promise<void> {
  const { terminal, clock, interrupt } = context
  const dataDirectory = chosenDirectory(context, options)
  terminal.note(`Starting Wardian on ${dataDirectory}`)
  const serving = await serve({
    startHost: context.startHost,
    dataDirectory,
    port: options.port ?? null,
    token: givenToken(terminal.environment['WARDIAN_TOKEN']),
    pageFolder: pageFolder(),
    clock,
    log: terminalLog(context),
  })
  const unused = new AbortController()
  const watch = options.untilUnused ? watchUse(serving, { clock, onUnused: () => unused.abort() }) : null
  try {
    await announce(context, serving, options)
    await aborted(AbortSignal.any([interrupt, unused.signal]))
    terminal.note(unused.signal.aborted ? 'Nobody uses it; stopping' : 'Stopping; once more to stop at once')
  } finally {
    watch?.dispose()
    await serving.stop()
  }
  if (interrupt.reason === 'SIGINT') throw new InterruptedError('Stopped')
}

async function announce(
  context: CommandContext,
  serving: Serving,
  options: ServeCommandOptions,
): Promise<void> {
  const { terminal } = context
  const ready = { url: serving.url, port: serving.port, data: chosenDirectory(context, options) }
  await terminal.write(options.json ? `${JSON.stringify(ready)}\n` : `${serving.url}\n`)
  const isOpened = options.open && (await openBrowser(serving.oneTimeUrl(), terminal.environment))
  if (options.open && !isOpened) terminal.note('No browser could be opened here: open the address yourself')
  terminal.note(isOpened ? 'Opened in your browser. Ctrl+C stops it' : 'Ready. Ctrl+C stops it')
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
