/** Changes as the editor tells them, as the edits that a tab's journal takes. Pure. */

import type { TextEdit } from '../../contract/workspace.ts'

/**
 * The editor's changes as edits, each relative to the text after the one before: from the last place to the
 * first, an edit moves nothing that comes after it in the list.
 */
export function textEdits(
  changes: readonly { readonly rangeOffset: number; readonly rangeLength: number; readonly text: string }[],
): TextEdit[] {
  return [...changes]
    .sort((a, b) => b.rangeOffset - a.rangeOffset)
    .map(({ rangeOffset, rangeLength, text }) => ({
      offset: rangeOffset,
      deleted: rangeLength,
      inserted: text,
    }))
}
