/**
 * `node build/stage-update.ts PERCENTAGE FOLDER OUTPUT`: of what was built in the folders within FOLDER, one for each
 * system and processor, makes the files that tell the app of a newer version: one for each system, with all its
 * processors, for so many of a hundred installations. Run again with a larger number, the rest gets it, too.
 */
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { mergedUpdate, stagedUpdate } from './packaging/electron/update-feed.ts'

const [percentage = '', folder = '', output = ''] = process.argv.slice(2)
if (output === '') throw new Error('Usage: node build/stage-update.ts PERCENTAGE FOLDER OUTPUT')

const texts = new Map<string, string>()
for (const path of globSync('**/latest*.yml', { cwd: folder }).toSorted()) {
  const text = readFileSync(join(folder, path), 'utf8')
  const earlier = texts.get(basename(path))
  texts.set(basename(path), earlier === undefined ? text : mergedUpdate(earlier, text))
}
mkdirSync(output, { recursive: true })
for (const [name, text] of texts) {
  writeFileSync(join(output, name), stagedUpdate(text, Number(percentage)))
  process.stdout.write(`${join(output, name)}\n`)
}
