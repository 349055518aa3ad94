/** The views of the sidebar, one icon each, and the way to the settings. */

import {
  ArrowLeftRight,
  ChartSpline,
  Boxes,
  Command,
  Database,
  History,
  Palette,
  type LucideIcon,
} from 'lucide-react'
import type { ReactElement } from 'react'
import { Button } from 'react-aria-components'
import type { MainPage, SidebarView } from '../state/layout-state.ts'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { classes } from '../widgets/class-names.ts'
import { MenuButton, type MenuGroups } from '../widgets/menu.tsx'
import { Tooltip } from '../widgets/tooltip.tsx'
import styles from './activity-bar.module.css'

const views: readonly { view: SidebarView; label: string; command: string; icon: LucideIcon }[] = [
  { view: 'databases', label: 'Databases', command: 'view.databases', icon: Database },
  { view: 'history', label: 'History', command: 'view.history', icon: History },
]

const pages: readonly { page: MainPage; label: string; command: string; icon: LucideIcon }[] = [
  { page: 'instances', label: 'Manage databases', command: 'view.instances', icon: Boxes },
  { page: 'dashboard', label: 'Dashboard', command: 'view.dashboard', icon: ChartSpline },
  { page: 'endpoints', label: 'Endpoints', command: 'view.endpoints', icon: ArrowLeftRight },
]

export function ActivityBar(): ReactElement {
  const { layout, commands } = useWorkbench()
  const { sidebar, isSidebarOpen, page } = useStore(layout.layout)
  return (
    <nav className={styles['bar']} data-area="activity" aria-label="Views">
      {views.map(({ view, label, command, icon: Icon }) => {
        const isShown = isSidebarOpen && sidebar === view
        return (
          <Tooltip key={view} label={label} keys={commands.find(command)?.keys?.[0]} placement="right">
            <Button
              className={classes(styles['button'], isShown && styles['shown'])}
              aria-label={label}
              aria-pressed={isShown}
              onPress={() => layout.toggleSidebar(view)}
            >
              <Icon size={18} aria-hidden />
            </Button>
          </Tooltip>
        )
      })}
      {pages.map(({ page: each, label, command, icon: Icon }) => {
        const isShown = page === each
        return (
          <Tooltip key={each} label={label} keys={commands.find(command)?.keys?.[0]} placement="right">
            <Button
              className={classes(styles['button'], isShown && styles['shown'])}
              aria-label={label}
              aria-pressed={isShown}
              onPress={() => layout.showPage(isShown ? 'consoles' : each)}
            >
              <Icon size={18} aria-hidden />
            </Button>
          </Tooltip>
        )
      })}
      <span className={styles['space']} />
      <Tooltip label="All commands" keys="Mod+Shift+P" placement="right">
        <Button
          className={styles['button'] ?? ''}
          aria-label="All commands"
          onPress={() => commands.run('app.palette')}
        >
          <Command size={18} aria-hidden />
        </Button>
      </Tooltip>
      <AppearanceButton />
    </nav>
  )
}

function AppearanceButton(): ReactElement {
  const { commands, settings } = useWorkbench()
  const { theme, rowHeight } = useStore(settings.settings)
  const action = (id: string, label: string): MenuGroups[number][number] => {
    return { id, label, onChoose: () => void commands.run(`appearance.${id}`) }
  }
  const choice = (id: string, label: string, isChecked: boolean): MenuGroups[number][number] => {
    return { ...action(id, label), isChecked }
  }
  const groups: MenuGroups = [
    [
      choice('theme-system', 'As the system', theme === 'system'),
      choice('theme-dark', 'Dark', theme === 'dark'),
      choice('theme-light', 'Light', theme === 'light'),
      choice('theme-contrast', 'High contrast', theme === 'high-contrast'),
    ],
    [
      choice('rows-compact', 'Compact rows', rowHeight === 'compact'),
      choice('rows-comfortable', 'Comfortable rows', rowHeight === 'comfortable'),
    ],
    [action('larger', 'Larger editor text'), action('smaller', 'Smaller editor text')],
  ]
  return (
    <MenuButton label="Appearance" groups={groups} placement="top start">
      <Tooltip label="Appearance" placement="right">
        <Button className={styles['button'] ?? ''} aria-label="Appearance">
          <Palette size={18} aria-hidden />
        </Button>
      </Tooltip>
    </MenuButton>
  )
}
