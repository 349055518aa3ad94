/** Whether a database keeps results, how much room they get and how old they may be. Every choice holds at once. */

import type { ReactElement } from 'react'
import { Checkbox } from 'react-aria-components'
import type { CacheOptions } from '../../contract/cache.ts'
import { formatBytes } from '../widgets/number-format.ts'
import formStyles from '../widgets/form-fields.module.css'
import styles from './cache.module.css'

const mebibyte = 1 << 20
const sizes = [16, 64, 256, 1_024].map((count) => count * mebibyte)
const minuteMs = 60_000
const ages: readonly (readonly [ageMaxMs: number | null, words: string])[] = [
  [null, 'however old'],
  [minuteMs, '1 minute'],
  [10 * minuteMs, '10 minutes'],
  [60 * minuteMs, '1 hour'],
]

interface CacheOptionsFormProps {
  readonly options: CacheOptions
  readonly onChange: (options: CacheOptions) => void
}

export function CacheOptionsForm({ options, onChange }: CacheOptionsFormProps): ReactElement {
  const { isOn, bytesMax, ageMaxMs } = options
  // What was set elsewhere, such as by the command line, is a choice, too.
  const sizeChoices = sizes.includes(bytesMax) ? sizes : [...sizes, bytesMax].sort((a, b) => a - b)
  const hasAge = ages.some(([each]) => each === ageMaxMs)
  const ageChoices = hasAge ? ages : [...ages, [ageMaxMs, `${(ageMaxMs ?? 0) / 1_000} s`] as const]
  return (
    <div className={styles['options']}>
      <Checkbox
        className={formStyles['check'] ?? ''}
        isSelected={isOn}
        onChange={(isSelected) => onChange({ ...options, isOn: isSelected })}
      >
        <span className={formStyles['box']} aria-hidden />
        Keep results of queries, and answer with them until a table of theirs is written
      </Checkbox>
      <label className={styles['choice']}>
        <span className={formStyles['label']}>Room</span>
        <select
          className={styles['select']}
          value={bytesMax}
          onChange={(event) => onChange({ ...options, bytesMax: Number(event.target.value) })}
        >
          {sizeChoices.map((bytes) => (
            <option key={bytes} value={bytes}>
              {formatBytes(bytes)}
            </option>
          ))}
        </select>
      </label>
      <label className={styles['choice']}>
        <span className={formStyles['label']}>Used for</span>
        <select
          className={styles['select']}
          value={ageMaxMs ?? ''}
          onChange={({ target: { value } }) =>
            onChange({ ...options, ageMaxMs: value === '' ? null : Number(value) })
          }
        >
          {ageChoices.map(([each, words]) => (
            <option key={each ?? ''} value={each ?? ''}>
              {words}
            </option>
          ))}
        </select>
      </label>
    </div>
  )
}
