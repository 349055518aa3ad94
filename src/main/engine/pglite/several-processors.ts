/** Whether two threads of this process can run at the same time. Knows no thread. */

import { availableParallelism } from 'node:os'

/**
 * Only then is it of use to look again and again for what another thread does. It counts the processors that this
 * process may use, as by taskset or a container.
 */
export const hasSeveralProcessors = availableParallelism() > 1
