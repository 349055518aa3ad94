/** ParameterStatus: what is reported at start-up, and whenever such a setting changes. Docs 54.2.7. */

import { describe, expect } from 'vitest'
import * as m from '../support/wire/frontend-messages.ts'
import { wireSuite } from '../support/wire/wire-suite.ts'

describe('parameter status', () => {
  const suite = wireSuite()

  suite.case('a log-in reports every setting that clients rely on', async (stage) => {
    const lines = await stage.attempt('a')
    const names = lines.filter((line) => line.startsWith('S ')).map((line) => line.slice(2).split('=')[0])
    expect(names).toEqual([
      ...['DateStyle', 'IntervalStyle', 'TimeZone', 'application_name', 'client_encoding'],
      ...['default_transaction_read_only', 'in_hot_standby', 'integer_datetimes', 'is_superuser'],
      ...['scram_iterations', 'search_path', 'server_encoding', 'server_version', 'session_authorization'],
      'standard_conforming_strings',
    ])
    expect(lines.at(-1)).toBe('Z I')
  })

  suite.case('application_name is reported, cleaned, and shown to others', async (stage) => {
    const a = await stage.connect('a', { parameters: { application_name: 'first' } })
    await a.query(`set application_name = 'second'`)
    await a.query(`set application_name = 'second'`)
    await a.query(`set application_name = 'dr\u00fcben'`)
    await a.query(`set application_name = '${'x'.repeat(80)}'`)
    await a.query('reset application_name')
    await a.query('show application_name')
  })

  suite.case('each reported setting is reported when it changes', async (stage) => {
    const a = await stage.connect('a')
    for (const sql of [
      `set datestyle = 'ISO, DMY'`,
      `set datestyle = 'ISO, DMY'`,
      `set intervalstyle = 'sql_standard'`,
      `set client_encoding = 'LATIN1'`,
      'set default_transaction_read_only = on',
      'set default_transaction_read_only = off',
      'set standard_conforming_strings = off',
      'set search_path = pg_catalog',
      'set work_mem = 64',
      'reset all',
    ]) {
      await a.query(sql)
    }
  })

  suite.case('TimeZone is reported with its value', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query(`set timezone = 'Europe/Berlin'`)
    stage.note(`a knows ${a.parameters.get('TimeZone')}`)
    await b.query('select 1')
    await b.query(`set time zone interval '-08:00' hour to minute`)
    stage.note(`b knows ${b.parameters.get('TimeZone')}, a ${a.parameters.get('TimeZone')}`)
  })

  suite.case('a change and its rollback within one query are reported as they end', async (stage) => {
    const a = await stage.connect('a')
    await a.query(`begin; set application_name = 'inside'`)
    await a.query('rollback')
    await a.query(`begin; set application_name = 'inside'; rollback`)
    await a.query(`begin; set local application_name = 'local'; commit`)
    await a.query(`begin; set local application_name = 'local'`)
    await a.query('commit')
    await a.query(`set application_name = 'one'; set application_name = 'two'; select 1`)
  })

  suite.case('in a pipeline it is reported before ReadyForQuery, or with a Flush', async (stage) => {
    const a = await stage.connect('a')
    await a.exchange(
      m.extended(`set application_name = 'one'`),
      m.extended('select 1'),
      m.extended(`set application_name = 'two'`),
      m.sync(),
    )
    await a.send(m.extended(`set application_name = 'three'`), m.flush())
    await a.until('C')
    await a.exchange(m.sync())
  })

  suite.case('role and authorization are reported', async (stage) => {
    await stage.sql(`create role ${stage.role('app')}`)
    const a = await stage.connect('a')
    await a.query(`set role ${stage.role('app')}`)
    await a.query('reset role')
    await a.query(`set session authorization ${stage.role('app')}`)
    await a.query('reset session authorization')
  })

  suite.case('one client hears nothing of the settings of another', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    await a.query(`set datestyle = 'German'; set application_name = 'a'; set client_encoding = 'LATIN1'`)
    expect(await b.query('show datestyle')).toEqual([
      'T [DateStyle 25/-1/-1]',
      'D ["ISO, MDY"]',
      'C SHOW',
      'Z I',
    ])
    expect(await a.query('show datestyle')).toEqual([
      'T [DateStyle 25/-1/-1]',
      'D ["German, DMY"]',
      'C SHOW',
      'Z I',
    ])
    await b.query('select current_date is not null')
  })

  suite.case('start-up settings are reported as they were asked for', async (stage) => {
    const parameters = {
      DateStyle: 'German',
      client_encoding: 'latin1',
      application_name: 'x',
      IntervalStyle: 'iso_8601',
    }
    await stage.attempt('a', { parameters })
    await stage.attempt('b')
  })

  suite.case('a function with a setting of its own reports nothing', async (stage) => {
    const a = await stage.connect('a')
    await a.query(`create function f() returns text language sql set datestyle = 'German' as
      $$select current_setting('datestyle')$$`)
    await a.query('select f()')
    await a.query('show datestyle')
  })
})
