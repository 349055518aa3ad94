/**
 * What a server keeps of a password: Postgres's SCRAM-SHA-256 verifiers, read, made, and made up for roles that
 * have none. Knows no exchange of messages.
 */

import { createHash, createHmac, pbkdf2, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { saslprep } from '@mongodb-js/saslprep'

/** SHA-256. */
export const scramKeyBytes = 32
/** SCRAM_DEFAULT_SALT_LEN (PostgreSQL, common/scram-common.h). */
const saltBytes = 16
/** SCRAM_SHA_256_DEFAULT_ITERATIONS, the default of scram_iterations; RFC 7677 asks for at least as many. */
const iterationsDefault = 4096
/** The largest value of scram_iterations. */
const iterationsMax = 2 ** 31 - 1
/** 192 random bits; no dictionary and no limit of attempts is needed against guessing. */
const passwordBytes = 24

/** RFC 5802, section 3; keys are 32 bytes. */
export interface ScramVerifier {
  readonly iterations: number
  readonly salt: Buffer
  readonly storedKey: Buffer
  readonly serverKey: Buffer
}

/** A password for the owner of an endpoint: letters, digits, `-` and `_`, good in any URL. */
export function generatePassword(): string {
  return randomBytes(passwordBytes).toString('base64url')
}

/** `SCRAM-SHA-256$iterations:salt$storedKey:serverKey`, as CREATE ROLE stores it. */
export async function makeVerifier(password: string): Promise<string> {
  const salt = randomBytes(saltBytes)
  const { storedKey, serverKey } = await scramKeys(password, salt, iterationsDefault)
  const text = [storedKey, serverKey].map((key) => key.toString('base64')).join(':')
  return `SCRAM-SHA-256$${iterationsDefault}:${salt.toString('base64')}$${text}`
}

/** RFC 5802, section 3: SaltedPassword, and the two keys that a server keeps. */
export async function scramKeys(
  password: string,
  salt: Buffer,
  iterations: number,
): Promise<Pick<ScramVerifier, 'storedKey' | 'serverKey'>> {
  const salted = await promisify(pbkdf2)(prepared(password), salt, iterations, scramKeyBytes, 'sha256')
  const clientKey = createHmac('sha256', salted).update('Client Key').digest()
  const storedKey = createHash('sha256').update(clientKey).digest()
  return { storedKey, serverKey: createHmac('sha256', salted).update('Server Key').digest() }
}

/** Reads what pg_authid stores; null when it is no SCRAM-SHA-256 verifier (an md5 hash, or nothing). */
export function readVerifier(text: string | null): ScramVerifier | null {
  const parts = /^SCRAM-SHA-256\$(\d{1,10}):([\w+/=]+)\$([\w+/=]+):([\w+/=]+)$/.exec(text ?? '')
  if (!parts) return null
  const [salt, storedKey, serverKey] = parts.slice(2).map((part) => Buffer.from(part, 'base64'))
  const iterations = Number(parts[1])
  if (!salt || !storedKey || !serverKey) return null
  const isSound = salt.length > 0 && storedKey.length === scramKeyBytes && serverKey.length === scramKeyBytes
  return isSound && iterations >= 1 && iterations <= iterationsMax
    ? { iterations, salt, storedKey, serverKey }
    : null
}

/**
 * A verifier that no password fits, always the same for one name and `secret`, and like a true one to whoever
 * does not know the secret: what a server shows for a role that it does not have (RFC 5802, section 9).
 */
export function mockVerifier(name: string, secret: Uint8Array): ScramVerifier {
  const derived = (purpose: string): Buffer =>
    createHmac('sha256', secret).update(`${purpose}\0${name}`).digest()
  return {
    iterations: iterationsDefault,
    salt: derived('salt').subarray(0, saltBytes),
    storedKey: derived('stored key'),
    serverKey: derived('server key'),
  }
}

/** Like pg_saslprep (PostgreSQL, common/saslprep.c): what SASLprep refuses is used as it is. */
function prepared(password: string): string {
  try {
    return saslprep(password)
  } catch {
    return password
  }
}
