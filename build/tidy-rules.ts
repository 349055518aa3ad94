/**
 * The habits of CONTRIBUTING that neither the compiler nor the linter sees, as rules over the text of one
 * file. Each finding says what to do instead. Knows no file system; build/tidy.ts feeds it.
 */

/** A file as the rules see it. */
export interface SourceText {
  /** Relative to the repository, with forward slashes. */
  readonly path: string
  readonly text: string
}

export interface Finding {
  readonly path: string
  /** From 1; 0 when the finding is about the file as a whole. */
  readonly line: number
  readonly message: string
}

/** Lines of a file, whatever it is written in. Generated files are not looked at. */
export const LINES_PER_FILE_MAX = 500
/** Prettier breaks code at 110; comments and strings, which it leaves alone, may go a little further. */
export const LINE_LENGTH_MAX = 120

interface TextBan {
  readonly pattern: RegExp
  readonly message: string
  /** Where the ban holds; everywhere by default. */
  readonly where?: (path: string) => boolean
}

const isTest = (path: string): boolean => /\.(test|spec)\.tsx?$|^(test|e2e)\//.test(path)
const isProduct = (path: string): boolean => /^(src|native-wasm\/js)\//.test(path) && !isTest(path)
const isCode = (path: string): boolean => /\.(ts|tsx|mjs|cjs)$/.test(path)
/** The rules and their tests must spell what they forbid. */
const isAboutTheRules = (path: string): boolean => /^build\/tidy-rules(\.test)?\.ts$/.test(path)

const TEXT_BANS: readonly TextBan[] = [
  { pattern: /\b(TODO|FIXME|XXX|HACK)\b/, message: 'do it now or write an issue' },
  {
    pattern:
      /@ts-(ignore|nocheck|expect-error)|(eslint|oxlint)-disable|prettier-ignore|(v8|c8|istanbul) ignore/,
    message: 'no suppressions: change the code, or the rule for everybody',
  },
  {
    pattern: /\b(it|test|describe|suite)\.(only|skip|skipIf|todo|fixme|fails)\b/,
    message: 'every test runs, always',
    where: isTest,
  },
  {
    pattern: /setTimeout\(\s*(resolve|r|res|done)\b|node:timers\/promises|waitForTimeout\(/,
    message: 'tests do not sleep: wait for an event or a condition, or use a TestClock',
    where: isTest,
  },
  {
    pattern: /\bDate\.now\(|\bnew Date\(\)/,
    message: 'take a Clock (src/base/clock.ts)',
    where: (path) => isProduct(path) && path !== 'src/base/clock.ts',
  },
  {
    pattern: /^\s+(private|protected)\s(?!constructor\()/,
    message: 'use a #private member',
    where: isCode,
  },
  {
    pattern: /\b(class|interface|type|function)\s+\w*(Manager|Helper|Util|Utils)\b/,
    message: 'name it after what it does',
    where: isCode,
  },
  { pattern: /\binterface I[A-Z][a-z]/, message: 'no I prefix', where: isCode },
  {
    pattern: /(?<![\w.:/\-$}])\/(home|Users|root|work|tmp)\/\w/,
    message: 'no path of one machine: use os.tmpdir(), or a path relative to the file',
  },
]

/**
 * What the security of the desktop app rests on (docs/threat-model.md), each in the one file that decides it. Product
 * code alone: tests must spell what they forbid.
 */
const SECURITY_BANS: readonly TextBan[] = [
  only(
    'electron/ipc-gate.ts',
    /\bipcMain\b(?!`)/,
    'listen to pages through onPageAsks, which knows the sender',
  ),
  only('electron/main.ts', /\bshell\.open(External|Path)\(/, 'only web-guards.ts may have addresses opened'),
  only('electron/window-options.ts', /\bwebPreferences\b\s*:/, 'windows are made of windowOptions()'),
  only('electron/app-window.ts', /\bloadURL\(/, 'windows have the page of the app, and nothing else'),
  {
    pattern:
      /(contextIsolation|sandbox|webSecurity): false|(nodeIntegration\w*|webviewTag|experimentalFeatures): true/,
    message: 'pages stay isolated, sandboxed and without Node',
    where: isProduct,
  },
  {
    pattern:
      /\b(loadFile|executeJavaScript|enableBlinkFeatures|sendSync|setCertificateVerifyProc)\b|<webview\b/,
    message: 'not in this app: see docs/threat-model.md',
    where: isProduct,
  },
  {
    pattern: /['"`]file:\/\/|interceptFileProtocol|registerFileProtocol/,
    message: 'pages come from app://, files from the table that was read at the start',
    where: (path) => isProduct(path) && /^src\/(main\/electron|preload|renderer)\//.test(path),
  },
]

function only(owner: string, pattern: RegExp, message: string): TextBan {
  return { pattern, message, where: (path) => isProduct(path) && path !== `src/main/${owner}` }
}

const FOLDERS_BANNED = /(^|\/)(utils?|common|helpers?|services?|shared|lib|types|misc)\//

/** Everything that is untidy in `source`. */
export function untidyIn(source: SourceText): Finding[] {
  return [...pathFindings(source), ...openingFindings(source), ...lineFindings(source)]
}

function pathFindings({ path, text }: SourceText): Finding[] {
  const findings: Finding[] = []
  const add = (message: string): void => void findings.push({ path, line: 0, message })
  const folder = FOLDERS_BANNED.exec(path)
  if (folder) add(`no folder named ${folder[2]}: name it after what is in it`)
  if (/^src\/.*\/index\.tsx?$/.test(path)) add('no barrels: import the file that owns the name')
  const lineCount = text.split('\n').length - 1
  if (lineCount > LINES_PER_FILE_MAX) add(`${lineCount} lines; ${LINES_PER_FILE_MAX} at most: split it`)
  return findings
}

function openingFindings({ path, text }: SourceText): Finding[] {
  if (!isCode(path)) return []
  const opening = text.replace(/^#!.*\n/, '').trimStart()
  if (/^\/[*/]/.test(opening)) return []
  return [{ path, line: 1, message: 'open with a comment: what the file owns, what it refuses to know' }]
}

function lineFindings({ path, text }: SourceText): Finding[] {
  const allBans = [...TEXT_BANS, ...SECURITY_BANS]
  const bans = isAboutTheRules(path) ? [] : allBans.filter((ban) => ban.where?.(path) ?? true)
  return text.split('\n').flatMap((content, index) => {
    const found = bans
      .filter((ban) => ban.pattern.test(content))
      .map((ban) => ({
        path,
        line: index + 1,
        message: `\`${ban.pattern.exec(content)?.[0].trim()}\`: ${ban.message}`,
      }))
    const isTooLong = isCode(path) && content.length > LINE_LENGTH_MAX && !content.includes('://')
    if (isTooLong) found.push({ path, line: index + 1, message: `longer than ${LINE_LENGTH_MAX} characters` })
    return found
  })
}
