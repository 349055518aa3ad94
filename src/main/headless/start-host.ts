/** How a shell starts a host: entries hand the real way in, tests another one. */

import type { HostOptions } from '../host/host-options.ts'
import type { WorkbenchHost } from '../host/workbench-host.ts'

export type StartHost = (options: HostOptions) => Promise<WorkbenchHost>
