/**
 * `wardian` alone: opens the app in Electron where its executable is installed, else serves it to a browser.
 */

import { spawn } from 'node:child_process'
import { WorkbenchError } from '../../contract/error.ts'
import { browserOpener } from '../headless/open-browser.ts'
import { productFolder } from '../page/product-folder.ts'
import { chosenDirectory, type CommandContext } from './command-context.ts'
import { findElectron } from './electron-binary.ts'
import { InterruptedError } from './exit-code.ts'
import { runServe, type ServeCommandOptions } from './serve-command.ts'

export async function runOpen(context: CommandContext, options: ServeCommandOptions): Promise<void> {
  const { terminal } = context
  const electron = findElectron(terminal.environment)
  // A port, or no window, can only be meant for the browser.
  const wantsBrowser = options.port !== undefined || !options.open || options.json
  if (electron === null || wantsBrowser) {
    if (electron === null) terminal.note('Electron is not installed here; opening in the browser instead')
    return runServe(context, options)
  }
  terminal.note('Opening Wardian')
  return runElectron(context, electron, options)
}

/** Resolves when the app has ended; interrupts are passed on. */
function runElectron(context: CommandContext, electron: string, options: ServeCommandOptions): Promise<void> {
  const { terminal, interrupt } = context
  const child = spawn(electron, [productFolder()], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...terminal.environment, WARDIAN_DATA: chosenDirectory(context, options) },
  })
  const stop = (): void => void child.kill('SIGTERM')
  interrupt.addEventListener('abort', stop, { once: true })
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      const message = `Electron could not be started (${error.message}); \`wardian serve\` uses the browser`
      reject(new WorkbenchError('unsupported', message, { cause: error }))
    })
    child.once('exit', (code, signal) => {
      interrupt.removeEventListener('abort', stop)
      if (interrupt.aborted) reject(new InterruptedError('Stopped'))
      else if (code === 0) resolve()
      else {
        const how = signal === null ? `ended with code ${code}` : `was ended by the signal ${signal}`
        reject(new WorkbenchError('internal', `The app ${how}. ${adviceFor(terminal.environment)}`))
      }
    })
  })
}

/** Electron ends at once where it finds no display; it says so itself, but not what else there is. */
function adviceFor(environment: Readonly<Record<string, string | undefined>>): string {
  const hasDesktop = browserOpener('', { platform: process.platform, environment }) !== null
  const why = hasDesktop ? '' : 'There is no display here for its window. '
  return `${why}\`wardian serve\` serves the same workbench to a browser`
}
