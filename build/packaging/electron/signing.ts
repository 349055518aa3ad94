/**
 * Whether a package of the app is signed, and with what: decided from the environment, before anything is built. A
 * release without its secrets is refused; anything else is made unsigned, and says so. Reads no secret's value.
 */
export type OperatingSystem = 'linux' | 'mac' | 'windows'

export interface SigningPlan {
  readonly isSigned: boolean
  /** macOS only: sent to Apple, which vouches for it. */
  readonly isNotarized: boolean
  /** Windows only: a program that signs the file whose path is its last argument, for keys that no file holds. */
  readonly signProgram: string | null
}

interface Secrets {
  readonly what: string
  /** One of these sets of variables must be there as a whole. */
  readonly sets: readonly (readonly string[])[]
}

/** As electron-builder reads them. */
const macCertificate: Secrets = {
  what: 'a Developer ID certificate',
  sets: [['CSC_LINK', 'CSC_KEY_PASSWORD'], ['CSC_NAME']],
}
const notarization: Secrets = {
  what: "an account for Apple's notary",
  sets: [
    ['APPLE_API_KEY', 'APPLE_API_KEY_ID', 'APPLE_API_ISSUER'],
    ['APPLE_ID', 'APPLE_APP_SPECIFIC_PASSWORD', 'APPLE_TEAM_ID'],
  ],
}
const signProgramVariable = 'WARDIAN_WINDOWS_SIGN_PROGRAM'
const windowsCertificate: Secrets = {
  what: 'a code signing certificate, or a program that signs',
  sets: [['WIN_CSC_LINK', 'WIN_CSC_KEY_PASSWORD'], ['CSC_LINK', 'CSC_KEY_PASSWORD'], [signProgramVariable]],
}

const needed: Readonly<Record<OperatingSystem, readonly Secrets[]>> = {
  linux: [],
  mac: [macCertificate, notarization],
  windows: [windowsCertificate],
}

export interface SigningWish {
  readonly system: OperatingSystem
  /** A release is given to people: unsigned, it would be stopped or warned of on their machines. */
  readonly isRelease: boolean
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** Throws for a release whose secrets are not there, and names them. */
export function planSigning({ system, isRelease, environment }: SigningWish): SigningPlan {
  const has = ({ sets }: Secrets): boolean =>
    sets.some((set) => set.every((name) => isSet(environment[name])))
  const missing = needed[system].filter((secrets) => !has(secrets))
  if (isRelease && missing.length > 0) {
    const lines = missing.map(({ what, sets }) => `  ${what}: ${sets.map(conjunction).join('; or ')}`)
    throw new Error(`A release for ${system} is signed. Set\n${lines.join('\n')}`)
  }
  return {
    isSigned: system !== 'linux' && has(system === 'mac' ? macCertificate : windowsCertificate),
    isNotarized: system === 'mac' && missing.length === 0,
    signProgram: (system === 'windows' && environment[signProgramVariable]) || null,
  }
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== ''
}

function conjunction(names: readonly string[]): string {
  return names.join(' and ')
}
