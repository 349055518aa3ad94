/** What the page of instances shows of one, from top to bottom. Parts of the window add theirs here. */

import { CacheSection } from '../cache/cache-section.tsx'
import { ExtensionsSection } from '../instances/extensions-section.tsx'
import { InstanceFacts } from '../instances/instance-facts.tsx'
import { OptionsSection } from '../instances/options-section.tsx'
import { ServerSection } from '../servers/server-section.tsx'
import { TimelineSection } from '../timeline/timeline-section.tsx'
import type { InstanceSection } from '../instances/instance-detail.tsx'
import { TransferSection } from '../transfer/transfer-section.tsx'

export const instanceSections: readonly InstanceSection[] = [
  InstanceFacts,
  ServerSection,
  TimelineSection,
  OptionsSection,
  ExtensionsSection,
  TransferSection,
  CacheSection,
]
