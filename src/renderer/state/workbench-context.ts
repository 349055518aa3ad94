/** How components get at the state of their window. */

import { createContext, useContext } from 'react'
import { present } from '../../base/assert.ts'
import type { Workbench } from './workbench.ts'

export const WorkbenchContext = createContext<Workbench | null>(null)

/** The state of this window. */
export function useWorkbench(): Workbench {
  return present(useContext(WorkbenchContext), 'The workbench of this window')
}
