/** Four hundred connections at once. WARDIAN_WIRE_CROWD changes the number, WARDIAN_WIRE_ROUNDS the waves. */

import { describe, expect } from 'vitest'
import { connected } from '../support/wire/wire-target.ts'
import { wireSuite } from '../support/wire/wire-suite.ts'

const CROWD = Number(process.env['WARDIAN_WIRE_CROWD'] ?? 400)
const ROUNDS = Number(process.env['WARDIAN_WIRE_ROUNDS'] ?? 1)
const TIMEOUT_MS = 120_000 * ROUNDS

describe('crowds', () => {
  const suite = wireSuite()

  suite.case(
    `${CROWD} clients connect, select and leave at once`,
    async (stage) => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const answers = await Promise.all(
          Array.from({ length: CROWD }, async (_, n) => {
            const client = await connected(stage.address, `c${n}`)
            const rows = await client.values(`select ${n}`)
            await client.terminate()
            return rows[0]?.[0]
          }),
        )
        expect(answers).toEqual(Array.from({ length: CROWD }, (_, n) => String(n)))
      }
    },
    { isOnce: true, timeoutMs: TIMEOUT_MS },
  )

  suite.case(
    `${CROWD} clients stay connected and each finds its own session`,
    async (stage) => {
      const clients = await Promise.all(
        Array.from({ length: CROWD }, (_, n) => connected(stage.address, `c${n}`)),
      )
      expect(new Set(clients.map(({ pid }) => pid)).size).toBe(CROWD)
      await Promise.all(
        clients.map((client, n) => client.values(`set my.number = ${n}; prepare s as select ${n}`)),
      )
      const answers = await Promise.all(clients.map((client) => client.values('execute s; show my.number')))
      expect(answers).toEqual(clients.map((_, n) => [[String(n)], [String(n)]]))
      await Promise.all(clients.map((client) => client.terminate()))
    },
    { isOnce: true, timeoutMs: TIMEOUT_MS },
  )
})
