/** The manual page and the completion, of an invented program and of the real one. */
import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { bashCompletion } from './bash-completion.ts'
import { commandTexts } from './command-tree.ts'
import { manualPage } from './manual-page.ts'

const commands = [
  { name: '', description: '', usage: '[options]', options: [{ flags: '-h, --help', description: 'help' }] },
  {
    name: 'pour',
    description: '.hidden "tea" isn\'t \\free',
    usage: '[options] <cup>',
    options: [{ flags: '--milk <ml>', description: 'as much' }],
  },
]

describe('manualPage', () => {
  it('keeps what troff would read as its own', () => {
    const page = manualPage({ commands, version: '1.2.3', epochSeconds: 0 })
    expect(page).toContain('.TH WARDIAN 1 1970-01-01 "wardian 1.2.3"')
    expect(page).toContain('.SS "wardian pour [options] <cup>"\n\\&.hidden "tea" isn\'t \\efree\n')
    expect(page).toContain('.TP\n.B \\-\\-milk <ml>\nas much')
  })

  it('tells of every command that there is', () => {
    const page = manualPage({ commands: commandTexts(), version: '1', epochSeconds: 0 })
    for (const name of ['serve', 'window', 'query', 'pg']) expect(page).toContain(`.SS "wardian ${name} `)
  })
})

describe('bashCompletion', () => {
  it('is a script that bash takes', () => {
    const script = bashCompletion(commandTexts())
    expect(execFileSync('bash', ['-n'], { input: script, encoding: 'utf8' })).toBe('')
    expect(bashCompletion(commands)).toContain("pour) words='--milk' ;;")
  })
})
