/** Long texts in parts: what arrives is what was sent, wherever the parts begin and end. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { textPartBytesMax } from '../../contract/limits.ts'
import { expectNoLeaks } from '../../../test/support/leak-check.ts'
import { MemoryWorkbench } from '../../../test/support/memory-workbench.ts'
import { WorkbenchClient } from '../client/workbench-client.ts'
import { decodeUnits, uploadText } from './text-upload.ts'

expectNoLeaks()

describe('a long text', () => {
  let host: MemoryWorkbench
  let client: WorkbenchClient

  beforeEach(async () => {
    host = new MemoryWorkbench()
    client = new WorkbenchClient(host)
    await client.connect()
  })

  afterEach(() => client.dispose())

  it('keeps characters whole that lie where one part ends, in either encoding', async () => {
    const perPart = Math.floor(textPartBytesMax / 3)
    const text = `${'x'.repeat(perPart - 1)}😀${'ß'.repeat(perPart)}`
    const parts = async (encoding: 'utf-8' | 'utf-16le'): Promise<readonly ArrayBuffer[]> =>
      host.texts.get(await uploadText(client, text, encoding)) ?? []
    const utf8 = await parts('utf-8')
    expect(utf8.length).toBeGreaterThan(1)
    expect(Math.max(...utf8.map((part) => part.byteLength))).toBeLessThanOrEqual(textPartBytesMax)
    expect(utf8.map((part) => new TextDecoder('utf-8', { fatal: true }).decode(part)).join('') === text).toBe(
      true,
    )
    expect((await parts('utf-16le')).map(decodeUnits).join('') === text).toBe(true)
  })

  it('is one empty part when there is nothing in it', async () => {
    const textId = await uploadText(client, '', 'utf-8')
    expect(host.texts.get(textId)?.map((part) => part.byteLength)).toEqual([0])
  })
})
