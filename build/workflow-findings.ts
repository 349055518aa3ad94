/**
 * What is wrong with a workflow of GitHub's, by GitHub's own parser, and by our rule that actions of others are named
 * by their commits, which nobody can change. Reads no file and asks no network.
 */
import { registerHooks } from 'node:module'

/** The parser imports JSON in a way that bundlers take and Node does not. */
const hooks = registerHooks({
  resolve: (specifier, context, next) => {
    const resolved = next(specifier, context)
    return specifier.endsWith('.json') ? { ...resolved, importAttributes: { type: 'json' } } : resolved
  },
})
const { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } =
  await import('@actions/workflow-parser')
hooks.deregister()

/** A full commit, and for people the version that it is. */
const pinned = /^\s*-? ?uses: [\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/

/** One line each; none for a workflow that is as it should be. */
export async function workflowFindings(name: string, content: string): Promise<string[]> {
  const { context, value } = parseWorkflow({ name, content }, new NoOperationTraceWriter())
  if (value !== undefined) await convertWorkflowTemplate(context, value)
  const unpinned = content.split('\n').filter((line) => /^\s*(- )?uses:/.test(line) && !pinned.test(line))
  return [
    ...context.errors.getErrors().map(({ message }) => message),
    ...unpinned.map((line) => `${name}: name a commit and its version: ${line.trim()}`),
  ]
}
