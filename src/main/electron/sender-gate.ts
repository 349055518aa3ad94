/**
 * Who is listened to: the one wrapper around every listener for messages of pages. Imports nothing of Electron, so that
 * it is tested; ipc-gate.ts, the only file that may name `ipcMain`, puts every listener into it.
 */

import { isTrustedFrame, type SendingFrame } from './app-origin.ts'

/** What is looked at of the event that Electron gives for a message of a page. */
export interface PageMessage<Sender, Frame extends SendingFrame> {
  readonly sender: Sender
  readonly senderFrame: Frame | null
}

/**
 * `listener`, called for messages of the top frame of a page of the app alone. What a message carries is not passed on:
 * pages only ever ask for a port, and what travels there is validated by the contract.
 */
export function trustedOnly<Sender, Frame extends SendingFrame>(
  listener: (frame: Frame, sender: Sender) => void,
): (message: PageMessage<Sender, Frame>) => void {
  return ({ sender, senderFrame }) => {
    if (isTrustedFrame(senderFrame)) listener(senderFrame, sender)
  }
}
