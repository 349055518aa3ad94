/** Closing a window that would lose text. */

import { describe, expect, it } from 'vitest'
import { leaveQuestion, mayLeave } from './leave-question.ts'

describe('a window with text that is not stored', () => {
  it('goes when that was chosen', () => {
    const chosen = leaveQuestion.buttons.findIndex((label) => label.startsWith('Close'))
    expect(mayLeave(() => chosen)).toBe(true)
  })

  it.each([
    ['keeping it', leaveQuestion.buttons.findIndex((label) => label.startsWith('Keep'))],
    ['Enter', leaveQuestion.defaultId],
    ['Esc', leaveQuestion.cancelId],
    ['an answer that is none', -1],
  ])('stays after %s', (_what, answer) => {
    expect(mayLeave(() => answer)).toBe(false)
  })
})
