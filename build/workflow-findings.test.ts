/** The workflows of this repository are read as GitHub reads them; what would be refused there is found here. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { repositoryRoot } from './run-command.ts'
import { workflowFindings } from './workflow-findings.ts'

const folder = join(repositoryRoot, '.github/workflows')
const right = `on: push
jobs:
  first:
    runs-on: ubuntu-24.04
    strategy: { matrix: { size: [1, 2] } }
    steps:
      - uses: actions/checkout@0123456789012345678901234567890123456789 # v1.2.3
      - run: echo \${{ matrix.size }}
  second:
    needs: first
    runs-on: ubuntu-24.04
    steps: [{ run: 'true' }]
`

describe('workflowFindings', () => {
  it.each(readdirSync(folder))('finds nothing in %s', async (name) => {
    expect(await workflowFindings(name, readFileSync(join(folder, name), 'utf8'))).toEqual([])
  })

  it.each([
    ['an event that is none', 'on: push', 'on: pushes'],
    ['a key that is none', 'runs-on: ubuntu', 'runs-of: ubuntu'],
    ['a job that is not there', 'needs: first', 'needs: third'],
    ['a context that is none', 'matrix.size', 'metrics.size'],
    ['an expression without an end', '${{ matrix.size }}', '${{ matrix.size( }}'],
    ['a permission that is none', 'jobs:', 'permissions: { content: read }\njobs:'],
    ['an action by its version', '@0123456789012345678901234567890123456789 # v1.2.3', '@v4'],
    ['a commit of which nobody knows the version', ' # v1.2.3', ''],
  ])('finds %s', async (_what, from, to) => {
    expect(await workflowFindings('right.yml', right)).toEqual([])
    expect(right).toContain(from)
    expect(await workflowFindings('wrong.yml', right.replace(from, to))).not.toEqual([])
  })
})
