/** The React example: asks where to connect to, and shows the tasks there. */
import { StrictMode, useState, type FormEvent, type ReactNode } from 'react'
import { createRoot } from 'react-dom/client'
import { connect, type WardianClient } from '@wardian/client'
import { TaskList } from './task-list.tsx'

function App(): ReactNode {
  const [db, setDb] = useState<WardianClient | null>(null)
  const [failure, setFailure] = useState('')
  if (db) return <TaskList db={db} />
  const open = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault()
    const fields = new FormData(event.currentTarget)
    const read = (name: string): string => {
      const value = fields.get(name)
      return typeof value === 'string' ? value : ''
    }
    try {
      const client = await connect({ url: read('url'), tenant: read('tenant'), token: read('token') })
      await client.sql`
        create table if not exists tasks (
          id int generated always as identity primary key, title text not null, done boolean not null default false)`
      setDb(client)
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error))
    }
  }
  return (
    <form onSubmit={(event) => void open(event)}>
      <label>
        Address <input name="url" defaultValue="ws://127.0.0.1:5480" required />
      </label>
      <label>
        Instance <input name="tenant" defaultValue="playground" required />
      </label>
      <label>
        Token <input name="token" type="password" autoComplete="off" required />
      </label>
      <button>Connect</button>
      <p role="alert">{failure}</p>
    </form>
  )
}

const root = document.getElementById('root')
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  )
}
