/**
 * Takes out of a text for a log what nobody may read there: passwords, tokens, verifiers. Rather too much than too
 * little. Knows nothing of where a text comes from.
 */

/** Each keeps what is before the secret. */
const rules: readonly (readonly [RegExp, string])[] = [
  [/(\b(?:bearer|basic)\s+)[^\s"']+/gi, '$1…'],
  [/([?#&](?:token|code|password|secret|key)=)[^&\s"']+/gi, '$1…'],
  // PASSWORD '…' of a role, as it stands in SQL, quoted in any way.
  [/(\bpassword\s*=?\s*)(?:[eEnN]|[uU]&)?'(?:[^'\\]|''|\\.)*'?/gi, "$1'…'"],
  [/(\bpassword\s*=?\s*)\$(\w*)\$[\s\S]*?(?:\$\2\$|$)/gi, '$1…'],
  [
    /(["']?\b(?:password|passwd|pgpassword|token|secret|authorization)["']?\s*[:=]\s*)(?:"[^"]*"?|[^\s,;}"']+)/gi,
    '$1…',
  ],
  // postgres://user:password@host
  [/(:\/\/[^\s:/@]*:)[^\s@/]+@/g, '$1…@'],
  [/(SCRAM-SHA-256\$)[^\s"']+/gi, '$1…'],
  [/\bmd5[0-9a-f]{32}\b/gi, 'md5…'],
  // A token of the web endpoint, wherever it stands.
  [/\bwdn_[\w-]{8,}/g, 'wdn_…'],
]

export function withoutSecrets(text: string): string {
  return rules.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), text)
}

/** Whether a text has, or may have, something of that kind. */
export function mayHaveSecrets(text: string): boolean {
  return /password|passwd|secret|token|scram-sha-256|\bmd5[0-9a-f]{32}|\bwdn_/i.test(text)
}
