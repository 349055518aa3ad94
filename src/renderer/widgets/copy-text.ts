/** Puts text on the clipboard; rejects with words for the user where the browser refuses. */
export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
  } catch (error) {
    throw new Error('The browser did not allow copying; click into the window and try again', {
      cause: error,
    })
  }
}
