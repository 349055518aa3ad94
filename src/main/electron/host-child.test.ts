/**
 * Goal: a page that asks gets a port or the user is told why not, however often the host dies. Method: processes
 * that die when told, and a clock that moves when told.
 */

import { EventEmitter } from 'node:events'
import { beforeEach, describe, expect, it } from 'vitest'
import { TestClock } from '../../base/clock.ts'
import { HostChild, portChannel, type HostProcess } from './host-child.ts'

class FakeProcess extends EventEmitter implements HostProcess<string> {
  readonly sent: unknown[] = []
  isKilled = false

  postMessage(message: unknown, ports: string[] = []): void {
    this.sent.push([message, ...ports])
  }

  kill(): boolean {
    this.isKilled = true
    this.emit('exit', 137)
    return true
  }
}

class FakeFrame {
  readonly received: unknown[] = []
  isGone = false

  isDestroyed(): boolean {
    return this.isGone
  }

  postMessage(channel: string, message: null, ports: string[]): void {
    this.received.push([channel, message, ...ports])
  }
}

let clock: TestClock
let processes: FakeProcess[]
let failures: string[]
let channels: number
let host: HostChild<string>
beforeEach(() => {
  clock = new TestClock()
  processes = []
  failures = []
  channels = 0
  host = new HostChild<string>({
    fork: () => {
      const started = new FakeProcess()
      processes.push(started)
      return started
    },
    openChannel: () => {
      channels += 1
      return { port1: `host ${channels}`, port2: `page ${channels}` }
    },
    clock,
    onFailure: (message) => failures.push(message),
  })
})

function die(code: number): void {
  processes.at(-1)?.emit('exit', code)
}

/** What a new page gets. */
function connected(): readonly unknown[] {
  const frame = new FakeFrame()
  host.connect(frame)
  return frame.received
}

describe('HostChild', () => {
  it('starts one process and gives each page and the host the two ends of a channel', () => {
    expect(connected()).toEqual([[portChannel, null, 'page 1']])
    expect(connected()).toEqual([[portChannel, null, 'page 2']])
    expect(processes.map(({ sent }) => sent)).toEqual([
      [
        [{ kind: 'attach' }, 'host 1'],
        [{ kind: 'attach' }, 'host 2'],
      ],
    ])
  })

  it('tells the pages that are still there when the host has ended, each once', () => {
    const [kept, closed] = [new FakeFrame(), new FakeFrame()]
    for (const frame of [kept, closed, kept]) host.connect(frame)
    closed.isGone = true
    die(137)
    expect(kept.received.slice(2)).toEqual([[portChannel, null]])
    expect(closed.received).toHaveLength(1)
    connected()
    die(137)
    expect(kept.received).toHaveLength(3)
  })

  it('starts again for the page that asks after a death, three times within a minute', () => {
    for (let death = 1; death <= 3; death++) {
      die(139)
      clock.advance(1_000)
      expect(connected()).toHaveLength(1)
      expect(processes).toHaveLength(death + 1)
    }
    expect(failures).toEqual([])
  })

  it('says at the fourth death within a minute that it gives up, once, and starts no more', () => {
    for (let death = 1; death <= 3; death++) {
      die(139)
      connected()
    }
    die(134)
    expect(failures).toEqual([expect.stringMatching(/keeps ending \(code 134\)\. Start Wardian again/)])
    expect(connected()).toEqual([])
    expect(connected()).toEqual([])
    expect(failures).toHaveLength(1)
    expect(processes).toHaveLength(4)
  })

  it('tells a page that is refused although the host never ended with an error', () => {
    for (let end = 1; end <= 3; end++) {
      die(0)
      connected()
    }
    die(0)
    expect(failures).toEqual([])
    expect(connected()).toEqual([])
    expect(failures).toHaveLength(1)
  })

  it('starts again once a minute has passed since the deaths', () => {
    for (let death = 1; death <= 3; death++) {
      die(139)
      connected()
    }
    die(139)
    clock.advance(59_999)
    expect(connected()).toEqual([])
    clock.advance(1)
    expect(connected()).toHaveLength(1)
    expect(processes).toHaveLength(5)
  })

  it('passes on why the host could not start', () => {
    processes[0]?.emit('message', { kind: 'ready' })
    processes[0]?.emit('message', { kind: 'failed', message: 'The disk is full' })
    die(1)
    expect(failures).toEqual(['The disk is full'])
  })
})

describe('stopping', () => {
  it('asks the host, waits for its end, and starts none for a page that asks meanwhile', async () => {
    const stopped = host.stop()
    expect(processes[0]?.sent).toEqual([[{ kind: 'stop' }]])
    die(0)
    expect(connected()).toEqual([])
    await stopped
    expect(processes).toHaveLength(1)
    clock.advance(60_000)
    expect(processes[0]?.isKilled).toBe(false)
    expect(failures).toEqual([])
  })

  it('kills a host that does not end within 15 seconds, and does not call that a failure', async () => {
    const stopped = host.stop()
    clock.advance(14_999)
    expect(processes[0]?.isKilled).toBe(false)
    clock.advance(1)
    await stopped
    expect(processes[0]?.isKilled).toBe(true)
    expect(failures).toEqual([])
  })

  it('is done at once where the host has ended already', async () => {
    die(1)
    await host.stop()
    expect(processes[0]?.sent).toEqual([])
  })
})
