/** For which system and processor a native file is, by its head: ELF, PE or Mach-O. */

import { readFileSync } from 'node:fs'

/** e_machine of ELF, Machine of PE, cputype of Mach-O. */
const processors: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  linux: { 0x3e: 'x64', 0xb7: 'arm64' },
  windows: { 0x8664: 'x64', 0xaa64: 'arm64' },
  mac: { 0x01000007: 'x64', 0x0100000c: 'arm64' },
}

/** Such as `linux-arm64`; throws for what is none of the three. */
export function machineOf(path: string): string {
  const bytes = readFileSync(path)
  const [system, number] = identified(bytes)
  const processor = processors[system]?.[number]
  if (processor === undefined) throw new Error(`${path} is for no machine that is known: ${system} ${number}`)
  return `${system}-${processor}`
}

function identified(bytes: Buffer): [string, number] {
  if (bytes.readUInt32BE(0) === 0x7f454c46) return ['linux', bytes.readUInt16LE(18)]
  if (bytes.readUInt32LE(0) === 0xfeedfacf) return ['mac', bytes.readUInt32LE(4)]
  if (bytes.toString('latin1', 0, 2) === 'MZ')
    return ['windows', bytes.readUInt16LE(bytes.readUInt32LE(0x3c) + 4)]
  throw new Error('Neither ELF nor PE nor Mach-O')
}
