/** What is recorded at all, by the settings. Pure. */

import type { MonitorSettings } from '../../contract/monitor.ts'
import type { StatisticsSettings } from '../../contract/statistics.ts'

interface RecordingSettings {
  readonly settings: MonitorSettings | null
  readonly statistics: StatisticsSettings | null
}

/** Which of both is recorded; what is not known yet counts as recorded. */
export function isOn({
  settings,
  statistics,
}: RecordingSettings): 'all' | 'none' | 'resources' | 'statements' {
  const resources = settings?.isOn !== false
  const statements = statistics?.isOn !== false
  if (resources && statements) return 'all'
  if (!resources && !statements) return 'none'
  return resources ? 'resources' : 'statements'
}
