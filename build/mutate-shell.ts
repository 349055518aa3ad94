/**
 * `npm run mutations -- [WORD...]`: takes each guard of the desktop app out of a copy of the sources, builds the copy,
 * runs the one test that ought to fail, on the stand-in for Electron, and demands that it does. First, the tests must
 * pass with every guard in its place. Words choose guards by their names.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { buildIfStale } from './build-if-stale.ts'
import { failedE2eTests, failedUnitTests, type FailedTest } from './failed-tests.ts'
import { obtainBrowser } from './find-browser.ts'
import { repositoryRoot, runCommand, runPackageCommand } from './run-command.ts'
import { shellMutations, withoutGuard, type GuardTest, type ShellMutation } from './shell-mutations.ts'

/** What was built, and is the same without a guard until it is built again. */
const BUILT = ['out/node', 'out/preload', 'out/renderer', 'out/template', 'out/stamps', 'native-wasm/out']
const REPORT = 'out/guard-tests.json'

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** A copy of all files that Git knows or does not ignore, and of what was built, in `folder`. */
async function copyRepository(folder: string): Promise<void> {
  const { output, exitCode } = await runCommand('git', ['ls-files', '-co', '--exclude-standard'])
  if (exitCode !== 0) throw new Error(output)
  for (const file of [...output.trim().split('\n'), ...BUILT]) {
    cpSync(join(repositoryRoot, file), join(folder, file), { recursive: true })
  }
  symlinkSync(join(repositoryRoot, 'node_modules'), join(folder, 'node_modules'))
}

/** Runs `tests`, which are of one kind; those that failed. */
async function failuresOf(folder: string, tests: readonly GuardTest[]): Promise<FailedTest[]> {
  const report = join(folder, REPORT)
  const [{ kind }] = tests as [GuardTest]
  rmSync(report, { force: true })
  const files = [...new Set(tests.map(({ file }) => file))]
  const titles = tests.map(({ title }) => title.replaceAll(/[^\w ,]/g, '.')).join('|')
  const { output } =
    kind === 'unit'
      ? await runPackageCommand(
          { packageName: 'vitest' },
          ['run', ...files, '-t', titles, '--reporter=json', `--outputFile.json=${report}`],
          { cwd: folder },
        )
      : await runPackageCommand(
          { packageName: '@playwright/test', name: 'playwright' },
          ['test', '--project=standin', '--workers=1', '--reporter=json', ...files, '-g', titles],
          { cwd: folder, env: { PLAYWRIGHT_JSON_OUTPUT_FILE: report } },
        )
  const found = readRun(report, kind)
  if (found.ranCount !== tests.length) {
    throw new Error(`${found.ranCount} of ${tests.length} tests ran:\n${output.slice(-4_000)}`)
  }
  return found.failed
}

function readRun(report: string, kind: GuardTest['kind']): { ranCount: number; failed: FailedTest[] } {
  const parsed: unknown = JSON.parse(readFileSync(report, 'utf8'))
  const counts = (kind === 'unit' ? parsed : (parsed as { stats: unknown }).stats) as Record<string, number>
  const names = kind === 'unit' ? ['numPassedTests', 'numFailedTests'] : ['expected', 'unexpected']
  return {
    ranCount: names.reduce((sum, name) => sum + (counts[name] ?? 0), 0),
    failed: kind === 'unit' ? failedUnitTests(parsed) : failedE2eTests(parsed),
  }
}

/** Nothing that follows says anything if one of them fails already. */
async function demandGreen(folder: string, mutations: readonly ShellMutation[]): Promise<void> {
  const tests = new Map(mutations.map(({ test }) => [test.title, test]))
  for (const kind of ['unit', 'e2e'] as const) {
    const asked = [...tests.values()].filter((test) => test.kind === kind)
    if (asked.length === 0) continue
    const [failed] = await failuresOf(folder, asked)
    if (failed) throw new Error(`With every guard in its place: ${failed.name} fails: ${failed.message}`)
    say(`green  ${asked.length} tests (${kind}) with every guard in its place`)
  }
}

/** Whether the test failed without the guard. */
async function isSeen(folder: string, mutation: ShellMutation): Promise<boolean> {
  const startedMs = performance.now()
  const path = join(folder, mutation.file)
  const original = readFileSync(path, 'utf8')
  writeFileSync(path, withoutGuard(original, mutation))
  try {
    if (mutation.test.kind === 'e2e') await buildMain(folder)
    const [failed] = await failuresOf(folder, [mutation.test])
    const seconds = Math.round((performance.now() - startedMs) / 1_000)
    say(`${failed ? 'red   ' : 'GREEN '} without ${mutation.guard} (${seconds} s)`)
    say(`       ${mutation.test.file}: ${mutation.test.title}`)
    if (failed) say(`       ${summaryOf(failed.message)}`)
    return failed !== undefined
  } finally {
    writeFileSync(path, original)
  }
}

/** Main alone: it has all guards. */
async function buildMain(folder: string): Promise<void> {
  const args = ['build', '--logLevel', 'warn', '--ignoreConfigWarning']
  const options = { cwd: folder, env: { WARDIAN_BUILD_PARTS: 'main' } }
  const { exitCode, output } = await runPackageCommand({ packageName: 'electron-vite' }, args, options)
  if (exitCode !== 0) throw new Error(output)
  cpSync(join(repositoryRoot, 'native-wasm/out'), join(folder, 'out/node/native-wasm/out'), {
    recursive: true,
  })
}

/** The first lines that say something, without colours. */
function summaryOf(message: string): string {
  return stripVTControlCharacters(message)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('Call'))
    .slice(0, 5)
    .join(' | ')
    .slice(0, 240)
}

async function run(words: readonly string[]): Promise<void> {
  const chosen = shellMutations.filter(
    ({ guard }) =>
      words.length === 0 || words.some((word) => guard.toLowerCase().includes(word.toLowerCase())),
  )
  await buildIfStale()
  say(`browser: ${await obtainBrowser(say)}; target: standin, which is not Electron`)
  const folder = mkdtempSync(join(tmpdir(), 'wardian-mutations-'))
  try {
    await copyRepository(folder)
    await demandGreen(folder, chosen)
    let seenCount = 0
    for (const mutation of chosen) if (await isSeen(folder, mutation)) seenCount += 1
    say(`${seenCount} of ${chosen.length}: a test fails when the guard is gone`)
    if (seenCount < chosen.length) process.exitCode = 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

try {
  await run(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
