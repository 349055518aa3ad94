/** Where a line may end in words that carry paths: at spaces and behind slashes, never at a hyphen. Pure. */

/** The pieces of `text` that belong on one line each; joined they are the text again. */
export function unbreakablePieces(text: string): readonly string[] {
  return text.match(/[^\s/\\]*[/\\]+|[^\s/\\]+|\s+/g) ?? []
}
