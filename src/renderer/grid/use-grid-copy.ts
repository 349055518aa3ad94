/**
 * Copying from the grid: small copies within the browser's own copy event, which needs no permission; large ones
 * in slices, through the asynchronous clipboard. Owns the message that says how it went, and the running copy.
 */

import { useCallback, useEffect, useRef, useState } from 'react'
import { toWireError } from '../../contract/error.ts'
import { copyNow, copySliced, type CopyRequest } from './copy-cells.ts'

export interface CopyMessage {
  readonly kind: 'done' | 'running' | 'failed'
  readonly text: string
}

export interface GridCopy {
  readonly message: CopyMessage | null
  /** Starts a copy that was asked for by a menu or a key other than the browser's own. */
  readonly copy: (request: CopyRequest) => void
  /** Fills the browser's copy event; a copy that is too large for it goes on as `copy`. */
  readonly fill: (
    event: { clipboardData: DataTransfer; preventDefault(): void },
    request: CopyRequest,
  ) => void
  readonly isRunning: boolean
  /** Ends a running copy. */
  readonly cancel: () => void
}

const messageShownMs = 2_500

export function useGridCopy(): GridCopy {
  const [message, setMessage] = useState<CopyMessage | null>(null)
  const running = useRef<AbortController | null>(null)

  useEffect(() => () => running.current?.abort(), [])
  useEffect(() => {
    if (message?.kind !== 'done') return
    const timer = setTimeout(() => setMessage(null), messageShownMs)
    return () => clearTimeout(timer)
  }, [message])

  const copy = useCallback((request: CopyRequest): void => {
    running.current?.abort()
    const controller = new AbortController()
    running.current = controller
    const text = copySliced(request, {
      signal: controller.signal,
      nowMs: () => performance.now(),
      yieldToPage: () => new Promise((resolve) => setTimeout(resolve)),
      onProgress: (rows) =>
        setMessage({ kind: 'running', text: `Copying… ${rows.toLocaleString('en')} rows` }),
    })
    void writeClipboard(text)
      .then(() => setMessage({ kind: 'done', text: describe(request) }))
      .catch((error: unknown) => setMessage(controller.signal.aborted ? null : failed(error)))
      .finally(() => {
        if (running.current === controller) running.current = null
      })
  }, [])

  const fill = useCallback<GridCopy['fill']>(
    (event, request) => {
      event.preventDefault()
      const text = copyNow(request)
      if (text === null) return copy(request)
      event.clipboardData.setData('text/plain', text)
      setMessage({ kind: 'done', text: describe(request) })
    },
    [copy],
  )

  const cancel = useCallback((): void => {
    setMessage(null)
    running.current?.abort()
  }, [])

  return { message, copy, fill, isRunning: message?.kind === 'running', cancel }
}

/** Hands the clipboard a promise, so that the permission of the key press still holds when the text is ready. */
async function writeClipboard(text: Promise<string>): Promise<void> {
  const blob = text.then((whole) => new Blob([whole], { type: 'text/plain' }))
  // The clipboard hides why its promise failed; the reason is ours to show.
  const [written] = await Promise.allSettled([
    navigator.clipboard.write([new ClipboardItem({ 'text/plain': blob })]),
    blob,
  ])
  await text
  if (written.status === 'rejected') throw written.reason
}

function describe({ range }: CopyRequest): string {
  const rows = range.lastRow - range.firstRow + 1
  const columns = range.lastColumn - range.firstColumn + 1
  if (rows === 1 && columns === 1) return 'Copied the cell'
  const count = (number: number, word: string): string =>
    `${number.toLocaleString('en')} ${word}${number === 1 ? '' : 's'}`
  return `Copied ${count(rows, 'row')} × ${count(columns, 'column')}`
}

function failed(error: unknown): CopyMessage {
  if (error instanceof DOMException) {
    return { kind: 'failed', text: 'The browser refused the clipboard; select fewer rows and press Ctrl+C' }
  }
  return { kind: 'failed', text: toWireError(error).message }
}
