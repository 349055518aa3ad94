/**
 * `wardian metrics`: what the running host tells Prometheus, and how Prometheus is told where to ask. Never prints
 * the token, only the file that has it.
 */

import { WorkbenchError } from '../../contract/error.ts'
import { withHost, type CommandContext, type DataOption } from './command-context.ts'

export interface MetricsOptions extends DataOption {
  readonly openmetrics?: true
  readonly config?: true
}

export async function runMetrics(context: CommandContext, options: MetricsOptions): Promise<void> {
  await withHost(context, options, async ({ client }) => {
    if (options.config) {
      const { path, port } = await client.call('monitor.tokenFile', null)
      await context.terminal.write(scrapeConfig(path, port))
      return
    }
    const format = options.openmetrics ? 'openmetrics' : 'prometheus'
    const { text } = await client.call('monitor.exposition', { format })
    await context.terminal.write(text)
  })
}

/** One job of `scrape_configs` (Prometheus documentation, Configuration). JSON strings are YAML strings. */
function scrapeConfig(path: string, port: number | null): string {
  if (port === null) {
    throw new WorkbenchError(
      'conflict',
      'Nothing runs that Prometheus could ask: start `wardian serve --port 7437` or the app first',
    )
  }
  return `scrape_configs:
  - job_name: wardian
    authorization:
      credentials_file: ${JSON.stringify(path)}
    static_configs:
      - targets: ["127.0.0.1:${port}"]
`
}
