/** Connection strings for eyes: with the password out of sight. Pure. */

const mask = '••••••'

/** `text` with every form of `password` in it masked. */
export function maskedText(text: string, password: string): string {
  const inUrl = encodeURIComponent(password)
  const inShell = password.replaceAll(`'`, `'\\''`)
  return [password, inUrl, inShell]
    .filter((form) => form !== '')
    .sort((a, b) => b.length - a.length)
    .reduce((masked, form) => masked.replaceAll(form, mask), text)
}
