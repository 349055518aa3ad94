/** Whether options can be those of an instance here. Knows which extensions and settings there are; changes nothing. */

import { WorkbenchError } from '../../contract/error.ts'
import type { InstanceOptions } from '../../contract/instance-options.ts'
import { memorySettingProblem } from '../../contract/memory-settings.ts'
import { availableExtensions } from '../engine/pglite/extensions/available-extensions.ts'
import { missingExtensions } from '../engine/pglite/extensions/extension-bundle.ts'

/** Throws `invalid-argument` or `unsupported` with what is wrong. */
export function checkInstanceOptions({ extensions, settings }: InstanceOptions): void {
  const names = settings.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  const problem =
    twice === undefined
      ? settings.map(({ name, value }) => memorySettingProblem(name, value)).find((each) => each !== null)
      : `${twice} is given twice`
  if (problem !== undefined && problem !== null) throw new WorkbenchError('invalid-argument', problem)
  const known = new Set(availableExtensions().map(({ name }) => name))
  const unknown = extensions.find((name) => !known.has(name))
  if (unknown === undefined) return
  const reason = missingExtensions.get(unknown)
  if (reason !== undefined) throw new WorkbenchError('unsupported', `There is no ${unknown}: ${reason}`)
  throw new WorkbenchError(
    'invalid-argument',
    `There is no extension named ${unknown}; \`wardian extensions\` lists those that there are`,
  )
}
