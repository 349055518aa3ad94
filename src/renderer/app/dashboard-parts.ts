/** The parts of the dashboard, in the order of its tabs. Parts of the window add theirs here, one line each. */

import { AlertsPart } from '../dashboard/alerts-part.tsx'
import type { DashboardPart } from '../dashboard/dashboard-page.tsx'
import { OverviewPart } from '../dashboard/overview-part.tsx'
import { StatementsPart } from '../dashboard/statements-part.tsx'

export const dashboardParts: readonly DashboardPart[] = [
  { id: 'overview', title: 'Overview', needsInstance: false, Content: OverviewPart },
  { id: 'statements', title: 'Statements', needsInstance: false, Content: StatementsPart },
  { id: 'alerts', title: 'Alerts', needsInstance: false, Content: AlertsPart },
]
