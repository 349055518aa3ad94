/**
 * Goal: on a disk that is really full nothing that was acknowledged is lost, all that needs room says that there is
 * none, and when there is some all goes on. Method: a file system in memory of a few megabytes, which any user may
 * mount in a namespace of his own where the system lets him; elsewhere there is nothing to show, and it is said why.
 */

import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openTimeoutMs, testTemplatesDirectory } from './support/engine-fixture.ts'
import { runProgram } from './support/run-program.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

/** The data of an instance takes some 40 MB. */
const diskSize = '120m'

interface Told {
  readonly acknowledged: number
  readonly tab: string
  readonly rows: readonly (readonly string[])[]
}

describe('a disk that gets full', { timeout: 4 * openTimeoutMs }, () => {
  const path = temporaryDirectory()

  it('refuses what needs room, keeps what was acknowledged, and serves again when there is some', async () => {
    const mount = `mount -t tmpfs -o size=${diskSize} none "$0" && exec "$@"`
    const inside = ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c', mount, path('')]
    const can = await runProgram([...inside, 'true']).catch((error: unknown) => ({
      ...{ exitCode: -1, stdout: '', stderr: String(error) },
    }))
    if (can.exitCode !== 0) {
      process.stdout.write(`No disk can be made here, so none was filled: ${can.stderr}\n`)
      return
    }
    const program = join(import.meta.dirname, 'support', 'small-disk-process.ts')
    const { exitCode, stdout, stderr } = await runProgram([
      ...[...inside, process.execPath, program, path(''), testTemplatesDirectory],
    ])
    expect(exitCode, stderr).toBe(0)
    const told = JSON.parse(stdout) as Told
    expect(told).toMatchObject({
      ...{
        bulk: '53100',
        snapshot: 'disk-full',
        fork: 'disk-full',
        exported: 'disk-full',
        another: 'disk-full',
      },
      ...{ after: 'done', later: { snapshot: 'done', fork: 'done' } },
    })
    // The workbench's own file may have had room in itself.
    expect(['disk-full', 'done']).toContain(told.tab)
    const [count = '', last = ''] = told.rows[0] ?? []
    // Row 0 is there, and the one that was refused last may be.
    expect([told.acknowledged + 1, told.acknowledged + 2]).toContain(Number(count))
    expect(Number(last)).toBeGreaterThanOrEqual(told.acknowledged)
  })
})
