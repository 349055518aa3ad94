/** A server as somebody types it: every field as text, and what is wrong with it. Pure. */

import { parseConnectionText } from '../../contract/connection-text.ts'
import { toWireError } from '../../contract/error.ts'
import {
  serverConnectionsMax,
  serverIdleMinutesMax,
  type RemoteConnection,
  type ServerColour,
  type TlsMode,
} from '../../contract/remote-server.ts'

export interface ConnectionDraft {
  readonly name: string
  readonly host: string
  readonly port: string
  readonly database: string
  readonly user: string
  readonly password: string
  readonly tlsMode: TlsMode
  readonly caFile: string
  readonly certificateFile: string
  readonly keyFile: string
  readonly connectionsMax: string
  /** Empty for no bound. */
  readonly idleMinutes: string
  readonly isReadOnly: boolean
  readonly label: string
  readonly colour: ServerColour
}

export type DraftProblems = Partial<Record<keyof ConnectionDraft, string>>

export function draftOf(name: string, connection: RemoteConnection): ConnectionDraft {
  const { port, connectionsMax, idleMinutes, caFile, certificateFile, keyFile, ...rest } = connection
  return {
    ...{ name, password: '', ...rest, port: String(port), connectionsMax: String(connectionsMax) },
    idleMinutes: idleMinutes === undefined ? '' : String(idleMinutes),
    ...{ caFile: caFile ?? '', certificateFile: certificateFile ?? '', keyFile: keyFile ?? '' },
  }
}

export function connectionOf(draft: ConnectionDraft): RemoteConnection {
  const path = (text: string): string | null => (text.trim() === '' ? null : text.trim())
  const { tlsMode, isReadOnly, label, colour } = draft
  return {
    ...{ host: draft.host.trim(), port: Number(draft.port), database: draft.database, user: draft.user },
    ...{ tlsMode, isReadOnly, label: label.trim(), colour },
    ...{
      caFile: path(draft.caFile),
      certificateFile: path(draft.certificateFile),
      keyFile: path(draft.keyFile),
    },
    connectionsMax: Number(draft.connectionsMax),
    ...(draft.idleMinutes.trim() === '' ? {} : { idleMinutes: Number(draft.idleMinutes) }),
  }
}

export function problemsOf(draft: ConnectionDraft): DraftProblems {
  const port = wholeNumber(draft.port, 65_535)
  const connectionsMax = wholeNumber(draft.connectionsMax, serverConnectionsMax)
  const idleMinutes = wholeNumber(draft.idleMinutes, serverIdleMinutesMax)
  const needsCertificate = draft.keyFile.trim() !== '' && draft.certificateFile.trim() === ''
  return {
    ...(port === null ? {} : { port }),
    ...(connectionsMax === null ? {} : { connectionsMax }),
    ...(idleMinutes === null ? {} : { idleMinutes }),
    ...(needsCertificate ? { certificateFile: 'A key needs its certificate' } : {}),
  }
}

/** Whether everything is there without which nobody can connect. */
export function isComplete({ name, host, port, database, user }: ConnectionDraft): boolean {
  return [name, host, port, database, user].every((text) => text.trim() !== '')
}

/** What a pasted text changes, and what is to be said of it. */
export interface PastedText {
  readonly fields: Partial<ConnectionDraft>
  readonly note: string
  readonly isProblem: boolean
}

/** null: nothing is there that could be read or be wrong. */
export function pasteInto(draft: ConnectionDraft, text: string): PastedText | null {
  if (text.trim() === '') return null
  try {
    const { fields, password, ignored } = parseConnectionText(text)
    const connection = { ...connectionOf(draft), ...fields }
    const name = draft.name.trim() === '' ? connection.database : draft.name
    const unused = ignored.length === 0 ? '' : ` Without effect here: ${ignored.join(', ')}.`
    return {
      fields: { ...draftOf(name, connection), password: password ?? draft.password },
      note: `Taken over into the fields below.${unused}`,
      isProblem: false,
    }
  } catch (error) {
    return { fields: {}, note: toWireError(error).message, isProblem: true }
  }
}

function wholeNumber(text: string, max: number): string | null {
  const value = Number(text)
  const isValid = /^\d+$/.test(text.trim()) && value >= 1 && value <= max
  return isValid || text.trim() === '' ? null : `A whole number from 1 to ${max}`
}
