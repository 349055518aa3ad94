/**
 * Functions that PGlite 0.5.16 forgets to export to Postgres's character set conversions. Without them the
 * first conversion of a character beyond ASCII (`convert_to('é', 'LATIN1')`, or SET client_encoding) calls
 * nothing and ends the instance. Between UTF-8 and every other encoding all works; conversions that go by way of
 * MULE_INTERNAL, or between two others, which no session needs, are an SQL error.
 */

import {
  characterLength,
  checkedCharacterLength,
  encodingNames,
  isLegalUtf8,
  utf8Encoding,
} from './encoding-characters.ts'
import type { FunctionTable, PgliteModule } from './pglite-module.ts'
import { raiseError } from './raise-error.ts'
import { convertFromUtf8, convertToUtf8, type ConversionCall } from './table-conversion.ts'

/** Where Emscripten looks for what a dynamic library imports. */
type WasmImports = Record<string, unknown>

/** What the functions work with, once it is there. */
export interface EncodingTarget {
  readonly module: PgliteModule
  readonly functions: FunctionTable
}

/** What the conversions in lib/postgresql/*.so import and the main module does not export. */
const missingConversions = [
  'latin2mic',
  'latin2mic_with_table',
  'local2local',
  'mic2latin',
  'mic2latin_with_table',
]

/** Of a character that is told as bytes (report_invalid_encoding, utils/mb/mbutils.c). */
const toldBytesMax = 8

/** Adds the functions to the imports, before the module is instantiated; `target` answers it afterwards. */
export function addEncodingFunctions(imports: WasmImports, target: () => EncodingTarget): void {
  for (const name of missingConversions) imports[name] ??= () => raiseUnsupported(target().module, name)
  imports['UtfToLocal'] ??= (...parameters: readonly number[]) => convert('UtfToLocal', target(), parameters)
  imports['LocalToUtf'] ??= (...parameters: readonly number[]) => convert('LocalToUtf', target(), parameters)
  imports['pg_utf8_islegal'] ??= (pointer: number, length: number) =>
    isLegalUtf8(target().module.HEAPU8.subarray(pointer, pointer + length)) ? 1 : 0
  imports['pg_encoding_verifymbchar'] ??= (encoding: number, pointer: number, length: number) =>
    checkedCharacterLength(encoding, target().module.HEAPU8.subarray(pointer, pointer + length))
  imports['report_invalid_encoding'] ??= (encoding: number, pointer: number, length: number) =>
    raiseInvalid(target().module, encoding, { pointer, length })
  imports['report_untranslatable_char'] ??= (...parameters: readonly number[]) => {
    const [from = 0, to = 0, pointer = 0, length = 0] = parameters
    return raiseUntranslatable(target().module, [from, to], { pointer, length })
  }
}

interface Text {
  readonly pointer: number
  readonly length: number
}

/** Answers how many bytes it has read. Raises an error for what cannot be converted unless `noError` is set. */
function convert(
  name: 'UtfToLocal' | 'LocalToUtf',
  { module, functions }: EncodingTarget,
  parameters: readonly number[],
): number {
  const [source = 0, length = 0, target = 0, tree = 0, ...rest] = parameters
  const [address = 0, count = 0, rule = 0, encoding = 0, noError = 0] = rest
  const byRule = rule === 0 ? null : (code: number): number => Number(functions.get(rule)?.(code)) >>> 0
  const combinations = { address, count }
  const call: ConversionCall = { source, length, target, tree, combinations, byRule, encoding }
  const isFromUtf8 = name === 'UtfToLocal'
  const { readBytes, problem } = (isFromUtf8 ? convertFromUtf8 : convertToUtf8)(module.HEAPU8, call)
  if (problem === 'none' || noError !== 0) return readBytes
  const text = { pointer: source + readBytes, length: length - readBytes }
  const from = isFromUtf8 ? utf8Encoding : encoding
  if (problem === 'invalid') return raiseInvalid(module, from, text)
  return raiseUntranslatable(module, [from, isFromUtf8 ? encoding : utf8Encoding], text)
}

function raiseInvalid(module: PgliteModule, encoding: number, text: Text): number {
  const told = toldCharacter(module, encoding, text)
  const message = `invalid byte sequence for encoding "${encodingNames[encoding]}": ${told}`
  return raiseError(module, { state: '22021', message, file: 'mbutils', routine: 'report_invalid_encoding' })
}

function raiseUntranslatable(
  module: PgliteModule,
  [from = 0, to = 0]: readonly number[],
  text: Text,
): number {
  const what = `character with byte sequence ${toldCharacter(module, from, text)} in encoding`
  const message = `${what} "${encodingNames[from]}" has no equivalent in encoding "${encodingNames[to]}"`
  const place = { file: 'mbutils', routine: 'report_untranslatable_char' }
  return raiseError(module, { state: '22P05', message, ...place })
}

/** The first character, such as `0xe2 0x82 0xac`. */
function toldCharacter(module: PgliteModule, encoding: number, { pointer, length }: Text): string {
  const bytes = module.HEAPU8.subarray(pointer, pointer + length)
  const count = Math.min(characterLength(encoding, bytes), length, toldBytesMax)
  return Array.from(bytes.subarray(0, count), (byte) => `0x${byte.toString(16).padStart(2, '0')}`).join(' ')
}

function raiseUnsupported(module: PgliteModule, name: string): number {
  const message = 'this conversion between encodings is not part of this build of Postgres'
  const hint = 'Convert to UTF8 first: the conversions between it and every other encoding are.'
  return raiseError(module, { state: '0A000', message, hint, file: 'encoding', routine: name })
}
