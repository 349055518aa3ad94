/**
 * What is asked when a window is closed whose page holds text that could not be stored, such as while the host is
 * dead. Imports nothing of Electron, so that the decision is tested.
 */

/** As `dialog.showMessageBoxSync` takes it. */
export interface LeaveQuestion {
  readonly type: 'warning'
  readonly buttons: string[]
  /** What Enter presses. */
  readonly defaultId: number
  /** What Esc and the dialog's own close button mean. */
  readonly cancelId: number
  readonly noLink: true
  readonly message: string
  readonly detail: string
}

const stay = 0
const leave = 1

/** Keeping the window is what every unconsidered key does. */
export const leaveQuestion: LeaveQuestion = {
  type: 'warning',
  buttons: ['Keep the window open', 'Close and lose the text'],
  defaultId: stay,
  cancelId: stay,
  noLink: true,
  message: 'Some text of this window could not be stored yet',
  detail: 'It is in this window alone. Wait until it is stored, or copy it, before the window is closed.',
}

/** Whether the window may go: only when exactly that was chosen. `ask` answers the index of a button. */
export function mayLeave(ask: (question: LeaveQuestion) => number): boolean {
  return ask(leaveQuestion) === leave
}
