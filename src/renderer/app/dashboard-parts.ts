/** The parts of the dashboard, in the order of its tabs. Parts of the window add theirs here, one line each. */

import { CachePart } from '../cache/cache-part.tsx'
import { AlertsPart } from '../dashboard/alerts-part.tsx'
import type { DashboardPart } from '../dashboard/dashboard-page.tsx'
import { InsightIndexes } from '../dashboard/insight-indexes.tsx'
import { InsightTables } from '../dashboard/insight-tables.tsx'
import { InsightWaits } from '../dashboard/insight-waits.tsx'
import { OverviewPart } from '../dashboard/overview-part.tsx'
import { StatementsPart } from '../dashboard/statements-part.tsx'

export const dashboardParts: readonly DashboardPart[] = [
  { id: 'overview', title: 'Overview', needsInstance: false, Content: OverviewPart },
  { id: 'statements', title: 'Statements', needsInstance: false, Content: StatementsPart },
  { id: 'waits', title: 'Waits', needsInstance: true, Content: InsightWaits },
  { id: 'indexes', title: 'Indexes', needsInstance: true, Content: InsightIndexes },
  { id: 'tables', title: 'Tables', needsInstance: true, Content: InsightTables },
  { id: 'cache', title: 'Cache', needsInstance: true, Content: CachePart },
  { id: 'alerts', title: 'Alerts and log', needsInstance: false, Content: AlertsPart },
]
