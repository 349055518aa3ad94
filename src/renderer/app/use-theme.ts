/** Puts the theme, density and editor size of the settings on the document, where the tokens read them. */

import { useEffect } from 'react'
import type { Settings } from '../../contract/workspace.ts'

type Theme = 'dark' | 'light' | 'high-contrast'

/** The theme to draw, with `system` resolved. */
function resolve(theme: Settings['theme']): Theme {
  if (theme !== 'system') return theme
  if (matchMedia('(prefers-contrast: more)').matches) return 'high-contrast'
  return matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark'
}

export function useTheme({ theme, rowHeight }: Settings): void {
  useEffect(() => {
    const apply = (): void => {
      const { dataset } = document.documentElement
      dataset['theme'] = resolve(theme)
      dataset['density'] = rowHeight
    }
    apply()
    const queries = ['(prefers-color-scheme: light)', '(prefers-contrast: more)'].map((query) =>
      matchMedia(query),
    )
    for (const query of queries) query.addEventListener('change', apply)
    return () => {
      for (const query of queries) query.removeEventListener('change', apply)
    }
  }, [theme, rowHeight])
}
