/** The environment in which a program finds a database without being told where it is. Pure. */

import type { EndpointConnection } from '../../contract/endpoint.ts'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Variables of libpq that say where to connect or how to prove it (PostgreSQL 18 documentation, section 32.15): what
 * was meant for another server must not be mixed with this one's.
 */
const connectionVariables = [
  ...['PGHOST', 'PGHOSTADDR', 'PGPORT', 'PGDATABASE', 'PGUSER', 'PGPASSWORD', 'PGPASSFILE'],
  ...['PGREQUIREAUTH', 'PGCHANNELBINDING', 'PGSERVICE', 'PGSERVICEFILE', 'PGSSLMODE', 'PGREQUIRESSL'],
  ...['PGSSLNEGOTIATION', 'PGSSLCERT', 'PGSSLKEY', 'PGSSLROOTCERT', 'PGSSLCRL', 'PGSSLCRLDIR', 'PGSSLSNI'],
  ...['PGSSLCERTMODE', 'PGREQUIREPEER', 'PGGSSENCMODE', 'PGTARGETSESSIONATTRS', 'PGLOADBALANCEHOSTS'],
]

/** `base` with DATABASE_URL and what libpq reads, of this connection and no other. */
export function connectionEnvironment(base: Environment, connection: EndpointConnection): Environment {
  const { host, port, role, password, database, forms } = connection
  const url = forms.find(({ kind }) => kind === 'url')?.text ?? ''
  const others = Object.entries(base).filter(([name]) => !connectionVariables.includes(name))
  const { searchParams } = new URL(url)
  const [mode, rootCertificate] = [searchParams.get('sslmode'), searchParams.get('sslrootcert')]
  return {
    ...Object.fromEntries(others),
    ...{ DATABASE_URL: url, PGHOST: host, PGPORT: String(port), PGUSER: role },
    ...{ PGPASSWORD: password, PGDATABASE: database },
    ...(mode === null ? {} : { PGSSLMODE: mode }),
    ...(rootCertificate === null ? {} : { PGSSLROOTCERT: rootCertificate }),
  }
}
