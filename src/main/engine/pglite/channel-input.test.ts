/** What a program has sent is handed over as it came, in any amounts. */

import fc from 'fast-check'
import { serialize } from 'pg-protocol'
import { expect, test } from 'vitest'
import { bindMessage, queryMessage, syncMessage } from '../protocol/frontend-message.ts'
import { ChannelInput } from './channel-input.ts'

const seed = Number(process.env['WARDIAN_FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const ownBind = bindMessage({ statementName: 'nobody', parameters: [], resultFormats: [] })

test('all of it is handed over once and in order, whatever the backend asks for at a time', () => {
  const piece = fc.constantFrom(
    [serialize.query('select 1')],
    [Buffer.concat([serialize.bind({}), serialize.execute({}), serialize.sync()])],
    [serialize.flush()],
    // In several pieces, as the engine's own are.
    [...ownBind, ...syncMessage()],
    [...queryMessage('rollback')],
  )
  const amounts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 })
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 6 }), amounts, (pushed, sizes) => {
      const input = new ChannelInput()
      const taken: Uint8Array[] = []
      for (const pieces of pushed) input.push(pieces)
      for (let turn = 0; !input.isEmpty; turn += 1) {
        const bytes = input.take(sizes[turn % sizes.length] ?? 1)
        expect(bytes.length).toBeGreaterThan(0)
        taken.push(bytes.slice())
      }
      expect(Buffer.concat(taken)).toEqual(Buffer.concat(pushed.flat()))
      expect(input.takenBytes).toBe(Buffer.concat(taken).length)
    }),
    { seed },
  )
})
