/** What a program reads that is to connect without being told how. */

import { expect, it } from 'vitest'
import { withForms } from '../endpoints/postgres/connection-forms.ts'
import { connectionEnvironment } from './connection-environment.ts'

const target = {
  ...{ host: '127.0.0.1', port: 5433, role: 'postgres', password: 'p w', database: 'my shop' },
  ...{ socketPath: null, tls: null },
}

it('has this connection and nothing of another, and what has to do with none', () => {
  const base = { PATH: '/bin', PGSSLMODE: 'require', PGHOSTADDR: '10.0.0.1', PGSERVICE: 'x', PGTZ: 'UTC' }
  expect(connectionEnvironment(base, withForms(target))).toEqual({
    ...{ PATH: '/bin', PGTZ: 'UTC' },
    DATABASE_URL: 'postgres://postgres:p%20w@127.0.0.1:5433/my%20shop',
    ...{ PGHOST: '127.0.0.1', PGPORT: '5433', PGUSER: 'postgres', PGPASSWORD: 'p w', PGDATABASE: 'my shop' },
  })
})

it('demands TLS where the endpoint does, and says which certificate to trust', () => {
  const of = (certificatePath: string | null): unknown =>
    connectionEnvironment({}, withForms({ ...target, tls: { certificatePath } }))
  expect(of('/d/a b.crt')).toMatchObject({ PGSSLMODE: 'verify-full', PGSSLROOTCERT: '/d/a b.crt' })
  expect(of(null)).toMatchObject({ PGSSLMODE: 'require' })
  expect(of(null)).not.toHaveProperty('PGSSLROOTCERT')
})
