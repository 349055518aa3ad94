/**
 * Goal: a restore leaves out, and refuses, what it must, and nothing else. Method: statements as they stand in dumps.
 */

import { describe, expect, it } from 'vitest'
import { isCopyFromStdin, planStatement } from './statement-words.ts'

const plain = { noOwner: false, noPrivileges: false, serverMajorVersion: 18 }

describe('planStatement', () => {
  it.each([
    ['CREATE TABLE t ()', 'run'],
    ['/* x */ begin', 'skip'],
    ['START TRANSACTION ISOLATION LEVEL SERIALIZABLE', 'skip'],
    ['COMMIT', 'skip'],
    ['END', 'skip'],
    ['commit prepared $$x$$', 'run'],
    ['ROLLBACK', 'refuse'],
    ['abort', 'refuse'],
    ["PREPARE TRANSACTION 'x'", 'refuse'],
    ['PREPARE x AS SELECT 1', 'run'],
    ['ROLLBACK TO SAVEPOINT a', 'run'],
    ['ROLLBACK WORK TO a', 'run'],
    ['CREATE DATABASE x WITH TEMPLATE = template0', 'skip'],
    ['ALTER DATABASE x OWNER TO y', 'skip'],
    ["COMMENT ON DATABASE x IS 'y'", 'skip'],
    ['GRANT CONNECT ON DATABASE x TO y', 'skip'],
    ['GRANT SELECT ON TABLE database TO y', 'run'],
    ['SET transaction_timeout = 0', 'run'],
    ['ALTER TABLE t OWNER TO x', 'run'],
    ['GRANT ALL ON t TO x', 'run'],
  ])('%s: %s', (statement, kind) => {
    expect(planStatement(statement, plain).kind).toBe(kind)
  })

  it.each([
    ['ALTER TABLE public.t OWNER TO "Odd ""one"""', 'skip'],
    ['ALTER LARGE OBJECT 1 OWNER TO x', 'skip'],
    ['SET SESSION AUTHORIZATION DEFAULT', 'skip'],
    ["ALTER TABLE t ALTER c SET DEFAULT 'OWNER TO '", 'run'],
    ["CREATE FUNCTION f() AS 'ALTER TABLE t OWNER TO x'", 'run'],
    ['GRANT ALL ON t TO x', 'run'],
  ])('without owners, %s: %s', (statement, kind) => {
    expect(planStatement(statement, { ...plain, noOwner: true }).kind).toBe(kind)
  })

  it.each([
    ['GRANT ALL ON t TO x', 'skip'],
    ['REVOKE ALL ON t FROM x', 'skip'],
    ['ALTER DEFAULT PRIVILEGES FOR ROLE x GRANT SELECT ON TABLES TO y', 'skip'],
    ['ALTER TABLE t OWNER TO x', 'run'],
  ])('without privileges, %s: %s', (statement, kind) => {
    expect(planStatement(statement, { ...plain, noPrivileges: true }).kind).toBe(kind)
  })

  it('leaves out a setting that an older server does not know', () => {
    const kind = (serverMajorVersion: number): string =>
      planStatement('SET transaction_timeout = 0', { ...plain, serverMajorVersion }).kind
    expect([kind(16), kind(17)]).toEqual(['skip', 'run'])
  })
})

describe('isCopyFromStdin', () => {
  it.each([
    ['COPY t FROM stdin', true],
    ['-- x\ncopy "from stdin" (a, b) from STDIN with (format csv)', true],
    ['COPY (SELECT 1 FROM stdin_) TO stdout', false],
    ["COPY t FROM '/file'", false],
    ['COPY t TO stdout', false],
    ['SELECT 1 FROM stdin', false],
    ['', false],
  ])('%j: %s', (statement, isIt) => {
    expect(isCopyFromStdin(statement)).toBe(isIt)
  })
})
