/** The commands about metrics: their flags and help. */

import type { Command } from 'commander'
import type { CommandContext } from './command-context.ts'
import { withData } from './command-options.ts'
import type { MetricsOptions } from './metrics-command.ts'

export function addMonitorCommands(root: Command, context: CommandContext): void {
  withData(
    root.command('metrics').description('print the metrics of the running host, as Prometheus reads them'),
  )
    .option('--openmetrics', 'in the format OpenMetrics')
    .option('--config', 'print a configuration with which Prometheus asks for them')
    .addHelpText('after', help)
    .action(async (options: MetricsOptions) => {
      const { runMetrics } = await import('./metrics-command.ts')
      await runMetrics(context, options)
    })
}

const help = `
The host answers GET /metrics with \`Authorization: Bearer\` and the token in the file metrics-token of the data
directory, which is good for nothing else. GET /healthz and GET /readyz need no token. Choose a fixed port with
\`wardian serve --port\`.`
