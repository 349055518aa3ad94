/** A terminal whose output is kept, for commands that run inside a test. */

import { PassThrough, Readable, Writable } from 'node:stream'
import { Terminal } from '../../src/main/cli/terminal.ts'

export interface CapturedTerminal {
  readonly terminal: Terminal
  stdout(): string
  stderr(): string
}

class Capture extends Writable {
  readonly #parts: Buffer[] = []

  override _write(part: Buffer, _encoding: string, done: () => void): void {
    this.#parts.push(part)
    done()
  }

  get text(): string {
    return Buffer.concat(this.#parts).toString('utf8')
  }
}

/** `input` is what stdin has, where `isTerminal` says that somebody types it. */
export function captureTerminal(
  environment: Record<string, string> = {},
  input = '',
  isTerminal = false,
): CapturedTerminal {
  const stdout = new Capture()
  const stderr = new Capture()
  const from = input === '' ? new PassThrough().end() : Readable.from([Buffer.from(input)])
  const stdin = Object.assign(from, { isTTY: isTerminal })
  const terminal = new Terminal({ stdin, stdout, stderr, environment })
  return { terminal, stdout: () => stdout.text, stderr: () => stderr.text }
}
