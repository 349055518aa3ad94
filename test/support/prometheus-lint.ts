/**
 * Reads an exposition (Prometheus's text format 0.0.4, and what OpenMetrics adds) and says what `promtool check
 * metrics` would say of it. Its own parser, so that the one that writes is not judged by itself.
 */

export interface Family {
  readonly name: string
  help: string | null
  type: string | null
  readonly samples: { readonly name: string; readonly labels: string; readonly value: number }[]
}

const metadata = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/
const sample = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (\S+)$/

/** Throws at the first line that is neither. */
export function parseExposition(text: string): Family[] {
  const families = new Map<string, Family>()
  const familyOf = (name: string): Family => {
    const known = families.get(name) ?? { name, help: null, type: null, samples: [] }
    families.set(name, known)
    return known
  }
  for (const line of text.split('\n')) {
    if (line === '' || line === '# EOF') continue
    const [, kind, name = '', rest = ''] = metadata.exec(line) ?? []
    if (kind === 'HELP') familyOf(name).help = rest
    else if (kind === 'TYPE') familyOf(name).type = rest
    else {
      const [matched, sampleName = '', labels = '', value = ''] = sample.exec(line) ?? []
      if (matched === undefined) throw new Error(`Not a line of an exposition: ${line}`)
      // In OpenMetrics the family of a counter is called without the suffix of its samples.
      const bare = sampleName.replace(/_total$/, '')
      const family = families.get(sampleName) ?? familyOf(families.has(bare) ? bare : sampleName)
      family.samples.push({ name: sampleName, labels, value: Number(value) })
    }
  }
  return [...families.values()]
}

/** Units that are not the base of theirs (promlint: lintMetricUnits). */
const wrongUnits = new RegExp(
  '_(milliseconds|microseconds|nanoseconds|minutes|hours|days|ms|kilobytes|megabytes|gigabytes|' +
    'kib|mib|gib|kb|mb|gb|bits|percent)(_|$)',
)
const camelCase = /[a-z][A-Z]/
const labelName = /([a-zA-Z_]\w*)="/g

/** Empty where all is well. */
export function lintExposition(families: readonly Family[]): string[] {
  return families.flatMap((family) => lintFamily(family).map((problem) => `${family.name}: ${problem}`))
}

function lintFamily({ name, help, type, samples }: Family): string[] {
  const isCounter = type === 'counter'
  const labels = samples.flatMap((each) =>
    [...each.labels.matchAll(labelName)].map((match) => match[1] ?? ''),
  )
  const series = samples.map((each) => `${each.name} ${each.labels}`)
  const problems: [boolean, string][] = [
    [help === null || help.trim() === '', 'no help text'],
    [type === null || type === 'untyped' || type === 'unknown', 'no type'],
    [samples.length === 0, 'no samples'],
    [isCounter && samples.some((each) => !each.name.endsWith('_total')), 'counters should end in _total'],
    [
      !isCounter && /_(total|count|sum|bucket)$/.test(name),
      'only counters and histograms have such a suffix',
    ],
    [wrongUnits.test(name), 'not a base unit'],
    [camelCase.test(name) || labels.some((label) => camelCase.test(label)), 'camelCase'],
    [new RegExp(`_(gauge|counter|histogram|summary)(_|$)`).test(name), 'the type is in the name'],
    [/^\d|:/.test(name), 'colons are for recording rules'],
    [
      labels.some((label) => label.startsWith('__') || ['le', 'quantile'].includes(label)),
      'a label that is reserved',
    ],
    [
      labels.some((label) => name.includes(label) && label !== 'database' && label !== 'endpoint'),
      'a label in the name',
    ],
    [new Set(series).size !== series.length, 'a series is there twice'],
    [samples.some(({ value }) => Number.isNaN(value)), 'a value that is no number'],
    [isCounter && samples.some(({ value }) => value < 0), 'a counter below zero'],
  ]
  return problems.filter(([isWrong]) => isWrong).map(([, problem]) => problem)
}
