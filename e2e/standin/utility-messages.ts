/** What a utility process and the main process say to each other. */

import type { PortMessage } from './message-ports.ts'

export type ToUtility =
  { readonly kind: 'parent'; readonly data: unknown; readonly ports: readonly string[] } | PortMessage
