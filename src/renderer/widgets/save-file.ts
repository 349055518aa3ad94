/** Gives the user a file that the page has, as a download. */

/** The address is needed until the browser has begun to read it, which takes moments. */
const addressKeptMs = 60_000

export function saveFile(file: Blob, name: string): void {
  const address = URL.createObjectURL(file)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), addressKeptMs)
}
