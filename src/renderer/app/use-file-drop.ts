/** Lets files be dropped anywhere on the window. What is dragged within the page, such as text, is left to the page. */

import { useEffect } from 'react'
import type { Workbench } from '../state/workbench.ts'
import { takeDropped } from './dropped-files.ts'

export function useFileDrop(workbench: Workbench): void {
  useEffect(() => {
    const filesOf = ({ dataTransfer }: DragEvent): DataTransferItem[] =>
      [...(dataTransfer?.items ?? [])].filter(({ kind }) => kind === 'file')
    const onDragOver = (event: DragEvent): void => {
      if (filesOf(event).length === 0) return
      // Else the browser would show the file in place of the page.
      event.preventDefault()
      if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy'
    }
    const onDrop = (event: DragEvent): void => {
      const files = filesOf(event)
      if (files.length === 0) return
      event.preventDefault()
      event.stopPropagation()
      workbench.attempt(() => takeDropped(workbench, files))
    }
    // Before the editor, which would put the file's name into the text.
    window.addEventListener('dragover', onDragOver, { capture: true })
    window.addEventListener('drop', onDrop, { capture: true })
    return () => {
      window.removeEventListener('dragover', onDragOver, { capture: true })
      window.removeEventListener('drop', onDrop, { capture: true })
    }
  }, [workbench])
}
