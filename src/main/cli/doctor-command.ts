/**
 * `wardian doctor`: runs every check and says what to do about each that is not well. Changes nothing.
 */

import type { CommandContext, DataOption } from './command-context.ts'
import { chosenDirectory } from './command-context.ts'
import type { CheckStatus, Check } from './doctor-check.ts'
import { dataDirectoryChecks } from './doctor-data-checks.ts'
import { systemChecks } from './doctor-system-checks.ts'
import { WorkbenchError } from '../../contract/error.ts'
import { visibleText } from './terminal-text.ts'

export interface DoctorOptions extends DataOption {
  readonly json?: true
}

const marks: Record<CheckStatus, string> = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' }

export async function runDoctor(context: CommandContext, options: DoctorOptions): Promise<void> {
  const directory = chosenDirectory(context, options)
  const { environment } = context.terminal
  const checks = [...(await systemChecks(environment)), ...(await dataDirectoryChecks(directory))]
  const failed = checks.filter(({ status }) => status === 'fail')
  if (options.json) {
    await context.terminal.write(`${JSON.stringify({ ok: failed.length === 0, data: directory, checks })}\n`)
  } else {
    await context.terminal.write(checks.map(checkText).join(''))
  }
  if (failed.length === 0) return
  const names = failed.map(({ id }) => id).join(', ')
  throw new WorkbenchError('unsupported', `${failed.length} of ${checks.length} checks failed: ${names}`)
}

function checkText({ id, status, finding, advice }: Check): string {
  const lines = [`${marks[status]}  ${id.padEnd(18)}${visibleText(finding)}`]
  if (advice !== null) lines.push(`${' '.repeat(24)}${visibleText(advice)}`)
  return `${lines.join('\n')}\n`
}
