/** What a death in the middle of a swap leaves, in each of its steps, and what the next opening makes of it. */

import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { recoverSwap, removeSwapped, stageData, swapData, unfinishedFolder } from './data-swap.ts'
import { engineFolder } from './instance-record.ts'

describe('putting another data directory in place', () => {
  const path = temporaryDirectory()
  let count = 0
  let directory = ''

  beforeEach(() => {
    directory = path(`instance-${count++}`)
    make(engineFolder, 'old')
  })

  function make(folder: string, contents: string): void {
    mkdirSync(join(directory, folder), { recursive: true })
    writeFileSync(join(directory, folder, 'data'), contents)
  }

  const contents = (): string => readFileSync(join(directory, engineFolder, 'data'), 'utf8')
  const move = (from: string, to: string): void => renameSync(join(directory, from), join(directory, to))

  it('gives the new one, and keeps the old one until it is removed', async () => {
    make(unfinishedFolder, 'new')
    await stageData(directory)
    expect(contents()).toBe('old')
    await swapData(directory)
    expect(contents()).toBe('new')
    expect(readdirSync(directory)).toHaveLength(2)
    await removeSwapped(directory)
    expect(readdirSync(directory)).toEqual([engineFolder])
  })

  it('is as before after a death while the new one was written', async () => {
    make(unfinishedFolder, 'half')
    await recoverSwap(directory)
    await removeSwapped(directory)
    expect([contents(), readdirSync(directory)]).toEqual(['old', [engineFolder]])
  })

  it('is as before after a death when the new one was whole and not in place', async () => {
    make(unfinishedFolder, 'new')
    await stageData(directory)
    await recoverSwap(directory)
    await removeSwapped(directory)
    expect([contents(), readdirSync(directory)]).toEqual(['old', [engineFolder]])
  })

  it('is done after a death between the two renames: what was to take the place is whole', async () => {
    make(unfinishedFolder, 'new')
    await stageData(directory)
    move(engineFolder, `${engineFolder}.previous`)
    await recoverSwap(directory)
    expect(contents()).toBe('new')
    await removeSwapped(directory)
    expect(readdirSync(directory)).toEqual([engineFolder])
  })

  it('is taken back where only the old one is left', async () => {
    move(engineFolder, `${engineFolder}.previous`)
    await recoverSwap(directory)
    expect([contents(), readdirSync(directory)]).toEqual(['old', [engineFolder]])
  })

  it('never uses what was not whole, even where nothing else is left', async () => {
    move(engineFolder, unfinishedFolder)
    await recoverSwap(directory)
    expect(existsSync(join(directory, engineFolder))).toBe(false)
  })
})
