/** A list of tasks that is true for everybody who looks at it. */
import { useState, type ReactNode } from 'react'
import type { WardianClient } from '@wardian/client'
import { useLiveQuery } from './use-live-query.ts'

interface Task {
  readonly id: number
  readonly title: string
  readonly done: boolean
}

export function TaskList({ db }: { readonly db: WardianClient }): ReactNode {
  const [title, setTitle] = useState('')
  const { rows, error } = useLiveQuery<Task>(db, 'select id, title, done from tasks', { key: ['id'] })
  if (error) return <p role="alert">{error.message}</p>
  if (!rows) return <p>Loading…</p>
  const add = async (): Promise<void> => {
    await db.sql`insert into tasks (title) values (${title})`
    setTitle('')
  }
  const tasks = [...rows].sort((a, b) => a.id - b.id)
  return (
    <>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void add()
        }}
      >
        <input aria-label="Task" value={title} onChange={(event) => setTitle(event.target.value)} required />
        <button>Add</button>
      </form>
      <ul aria-label="Tasks">
        {tasks.map(({ id, title: name, done }) => (
          <li key={id}>
            <label>
              <input
                type="checkbox"
                checked={done}
                onChange={() => void db.sql`update tasks set done = not done where id = ${id}`}
              />
              {name}
            </label>
          </li>
        ))}
      </ul>
      <p>{tasks.filter((task) => !task.done).length} left</p>
    </>
  )
}
