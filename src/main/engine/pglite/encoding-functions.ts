/**
 * Functions that PGlite 0.5.16 forgets to export to Postgres's character set conversions. Without them the
 * first conversion of a character beyond ASCII (`convert_to('é', 'LATIN1')`, or SET client_encoding) calls
 * nothing and ends the instance. Between UTF-8 and LATIN1 all works; other conversions work for ASCII and are
 * an SQL error beyond.
 */

import type { PgliteModule } from './pglite-module.ts'
import { raiseError } from './raise-error.ts'

/** Where Emscripten looks for what a dynamic library imports. */
type WasmImports = Record<string, unknown>

/** What the conversions in lib/postgresql/*.so import and the main module does not export. */
const missingConversions = [
  'latin2mic',
  'latin2mic_with_table',
  'local2local',
  'mic2latin',
  'mic2latin_with_table',
  'pg_encoding_verifymbchar',
  'report_invalid_encoding',
  'report_untranslatable_char',
]

/** Convert by tables; without those, only ASCII can pass, which every one of these encodings contains. */
const tableConversions = ['LocalToUtf', 'UtfToLocal']

/** Adds the functions to the imports, before the module is instantiated; `module` answers it afterwards. */
export function addEncodingFunctions(imports: WasmImports, module: () => PgliteModule): void {
  for (const name of missingConversions) imports[name] ??= () => raiseUnsupported(module(), name)
  for (const name of tableConversions) {
    imports[name] ??= (source: number, length: number, target: number) =>
      copyAscii(module().HEAPU8, { source, length, target }) ?? raiseUnsupported(module(), name)
  }
  imports['pg_utf8_islegal'] ??= (pointer: number, length: number) =>
    isLegalUtf8(module().HEAPU8.subarray(pointer, pointer + length)) ? 1 : 0
}

/** As pg_utf8_islegal (PostgreSQL, common/wchar.c): whether the bytes are one well-formed character. */
export function isLegalUtf8(bytes: Uint8Array): boolean {
  const [first = 0, second = 0] = bytes
  if (bytes.length !== characterBytes(first)) return false
  if (bytes.subarray(1).some((byte) => byte < 0x80 || byte > 0xbf)) return false
  switch (first) {
    case 0xe0:
      return second >= 0xa0
    case 0xed:
      return second <= 0x9f
    case 0xf0:
      return second >= 0x90
    case 0xf4:
      return second <= 0x8f
    default:
      return true
  }
}

/** How long the character that begins with this byte is; 0 when none does. */
function characterBytes(first: number): number {
  if (first < 0x80) return 1
  if (first < 0xc2) return 0
  if (first < 0xe0) return 2
  if (first < 0xf0) return 3
  return first <= 0xf4 ? 4 : 0
}

/** Copies text up to its end and terminates it; null when it is not ASCII. Answers the bytes converted. */
function copyAscii(
  memory: Uint8Array,
  text: { readonly source: number; readonly length: number; readonly target: number },
): number | null {
  const bytes = memory.subarray(text.source, text.source + text.length)
  if (bytes.some((byte) => byte === 0 || byte > 0x7f)) return null
  memory.set(bytes, text.target)
  memory[text.target + text.length] = 0
  return text.length
}

function raiseUnsupported(module: PgliteModule, name: string): number {
  const report = name.startsWith('report_')
    ? { state: '22P05', message: 'character has no equivalent in the other encoding' }
    : { state: '0A000', message: 'this conversion between encodings is not part of this build of Postgres' }
  return raiseError(module, { ...report, file: 'encoding', routine: name })
}
