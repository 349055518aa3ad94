/** How a monitor is set: what is kept, what is told, and where a webhook's token may go. */

import { describe, expect, it } from 'vitest'
import {
  changedMonitor,
  defaultMonitor,
  keptJson,
  readKeptMonitor,
  toldSettings,
} from './monitor-settings.ts'

const url = 'https://alerts.example/hook'
const withToken = changedMonitor(defaultMonitor, { webhook: { url, bearerToken: 'secret' } })

describe('the settings of a monitor', () => {
  it('keep the token of a webhook for its own address alone', () => {
    const same = changedMonitor(withToken, { webhook: { url } })
    expect(same.webhook?.bearerToken).toBe('secret')
    const other = changedMonitor(withToken, { webhook: { url: 'https://elsewhere.example/hook' } })
    expect(other.webhook?.bearerToken).toBeNull()
    expect(changedMonitor(withToken, { webhook: { url, bearerToken: null } }).webhook?.bearerToken).toBeNull()
    expect(changedMonitor(withToken, { intervalMs: 500 }).webhook).toEqual(withToken.webhook)
    expect(changedMonitor(withToken, { webhook: null }).webhook).toBeNull()
  })

  it('tell of a webhook its origin, and keep all of it', () => {
    expect(toldSettings(withToken).webhook).toEqual({ origin: 'https://alerts.example' })
    expect(JSON.stringify(toldSettings(withToken))).not.toMatch(/secret|example\/hook/)
    expect(readKeptMonitor(keptJson(withToken))).toEqual(withToken)
  })

  it('give way to the defaults part by part where a file has what this version does not allow', () => {
    const kept = JSON.stringify({
      intervalMs: 5,
      retentionHours: 48,
      log: { level: 'loud' },
      webhook: 7,
      odd: 1,
    })
    const { settings, webhook, log } = readKeptMonitor(kept)
    const { intervalMs } = defaultMonitor.settings
    expect(settings).toMatchObject({ intervalMs, retentionHours: 48 })
    expect([webhook, log]).toEqual([null, defaultMonitor.log])
    expect(readKeptMonitor(null)).toEqual(defaultMonitor)
  })
})
