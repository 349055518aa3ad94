/** The menu of a database: the palette's commands that act on one, in the order of the menu. */

import { ArrowRightLeft, Cable, CopyPlus, Download, FileDown, Pencil, Trash2, Upload } from 'lucide-react'
import type { Instance } from '../../contract/instance.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { removalWords } from '../widgets/instance-words.ts'
import type { MenuChoice, MenuGroups } from '../widgets/menu.tsx'

/** Command of the palette, words, icon. Each acts on the database that the page shows. */
export function useInstanceActions(instance: Instance): MenuGroups {
  const { commands } = useWorkbench()
  const choice = (command: string, label: string, more: Partial<MenuChoice>): MenuChoice => {
    const found = commands.find(command)
    return {
      ...{ id: command, label, keys: found?.keys?.[0], onChoose: () => void commands.run(command) },
      ...{ isDisabled: found?.isEnabled?.() === false, ...more },
    }
  }
  return [
    [
      choice('database.rename', 'Rename…', { icon: Pencil }),
      ...(instance.storage === 'remote' ? [choice('server.edit', 'Edit connection…', { icon: Cable })] : []),
    ],
    ...(instance.storage === 'remote'
      ? []
      : [
          [
            choice('database.duplicate', 'Duplicate', { icon: CopyPlus }),
            choice('database.export', 'Export to a file…', { icon: FileDown }),
          ],
        ]),
    [
      choice('database.dump', 'Dump…', { icon: Download }),
      choice('database.restore', 'Restore…', { icon: Upload }),
      choice('database.copy', 'Copy to…', { icon: ArrowRightLeft }),
    ],
    [
      choice('database.delete', removalWords(instance), {
        icon: Trash2,
        isDanger: true,
      }),
    ],
  ]
}
