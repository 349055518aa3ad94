/** What is signed, and which release is refused, by environments as CI and people have them. */
import { describe, expect, it } from 'vitest'
import { planSigning } from './signing.ts'
import type { OperatingSystem } from './signing.ts'

const certificate = { CSC_LINK: 'x', CSC_KEY_PASSWORD: 'x' }
const notary = { APPLE_ID: 'x', APPLE_APP_SPECIFIC_PASSWORD: 'x', APPLE_TEAM_ID: 'x' }

function plan(system: OperatingSystem, environment: Record<string, string>, isRelease = true): object {
  return planSigning({ system, isRelease, environment })
}

describe('planSigning', () => {
  it('refuses a release whose secrets are missing, and names them', () => {
    expect(() => plan('mac', {})).toThrow(/Developer ID.*CSC_LINK and CSC_KEY_PASSWORD; or CSC_NAME/)
    expect(() => plan('mac', certificate)).toThrow(/notary.*APPLE_API_KEY/)
    expect(() => plan('mac', { ...certificate, ...notary, APPLE_TEAM_ID: '' })).toThrow('APPLE_TEAM_ID')
    expect(() => plan('windows', { CSC_LINK: 'x' })).toThrow('WARDIAN_WINDOWS_SIGN_PROGRAM')
  })

  it('signs with what is there', () => {
    expect(plan('mac', { ...certificate, ...notary })).toMatchObject({ isSigned: true, isNotarized: true })
    expect(plan('windows', certificate)).toMatchObject({ isSigned: true, signProgram: null })
    expect(plan('windows', { WARDIAN_WINDOWS_SIGN_PROGRAM: 'sign' })).toMatchObject({ signProgram: 'sign' })
  })

  it('leaves unsigned what is no release, and Linux always', () => {
    expect(plan('mac', {}, false)).toEqual({ isSigned: false, isNotarized: false, signProgram: null })
    expect(plan('mac', certificate, false)).toMatchObject({ isSigned: true, isNotarized: false })
    expect(plan('linux', certificate)).toMatchObject({ isSigned: false })
  })
})
